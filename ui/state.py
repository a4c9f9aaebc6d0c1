"""What one person has open: a scenario, its files, its results. One object a browser tab."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from layers.samples import load_sample, sample_names
from layers.sources.arguments import split_source
from ui.cache import Results
from ui.words import language

if TYPE_CHECKING:
    from planning.scenario import Scenario

__all__ = [
    "FIRST_SAMPLE",
    "Session",
    "change",
    "has_session",
    "keep_file",
    "open_project_bytes",
    "open_sample",
    "put_input",
    "session",
    "set_drawn_boundary",
    "start_empty",
    "take_away",
]

FIRST_SAMPLE = "shuitou"
_STATE = "session"
_LONGEST_NAME = 60


class Folder:
    """A folder for the files of one session; it goes away with the last that holds it."""

    def __init__(self) -> None:
        self.name = tempfile.mkdtemp(prefix="parkplan-")
        weakref.finalize(self, shutil.rmtree, self.name, ignore_errors=True)


@dataclass(slots=True, kw_only=True)
class Session:
    """The open scenario of one person.

    Attributes
    ----------
    scenario : Scenario
        Every choice that was made.
    sample : str
        Name of the built-in sample that is open; empty for a project of one's own.
    names : dict of str to str
        Kind of input → name of the file as the person knows it.
    results : Results
        What was computed for this session.
    folder : Folder
        Holds the files that were uploaded or drawn.
    edit_rev : int
        Grows when the boundary comes from elsewhere than the map, so that the map takes it.
    spoken : tuple
        Language, title and notes as they were put into that language last.
    """

    scenario: Scenario
    sample: str = ""
    names: dict[str, str] = field(default_factory=dict)
    results: Results = field(default_factory=Results)
    folder: Folder = field(default_factory=Folder)
    edit_rev: int = 0
    spoken: tuple[str, ...] = ()


def has_session() -> bool:
    """Whether this tab has opened anything yet."""
    return _STATE in st.session_state


def session() -> Session:
    """Return this tab's session; a new one starts with the built-in stone sample."""
    if _STATE not in st.session_state:
        open_sample(FIRST_SAMPLE)
    here: Session = st.session_state[_STATE]
    _speak(here)
    return here


def open_sample(name: str) -> None:
    """Open a built-in sample in place of what is open."""
    from planning.samples import sample_scenario

    scenario = sample_scenario(name, language())
    _replace(scenario, sample=name)


def start_empty(title: str = "") -> None:
    """Start a project of one's own, without any input."""
    from planning.scenario import Scenario

    _replace(Scenario(title=title))


def open_project_bytes(content: bytes) -> None:
    """Open a scenario file in place of what is open.

    Raises
    ------
    SourceError, UsageError
        If it is no scenario file; what is open then stays open.
    """
    from planning.project import open_project

    folder = Folder()
    scenario = open_project(content, Path(folder.name))
    _replace(scenario, folder=folder)


def change(**changes: Any) -> None:
    """Change fields of the open scenario."""
    here = session()
    here.scenario = here.scenario.with_(**changes)


def keep_file(name: str, content: bytes) -> Path:
    """Keep an upload in the session's folder, under a name of ours that contains its content's digest.

    The same bytes under the same name give the same path, so a path identifies its content.
    """
    digest = hashlib.sha256(content).hexdigest()
    stem, dot, suffix = name.rpartition(".")
    safe = re.sub(r"[^\w-]+", "_", stem if dot else name)[:_LONGEST_NAME] or "file"
    ending = "." + re.sub(r"[^0-9A-Za-z]+", "", suffix)[:10].lower() if dot else ""
    path = Path(session().folder.name) / "inputs" / digest[:16] / f"{safe}{ending}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return path


def put_input(kind: str, source: str, name: str) -> None:
    """Take a file as the input of a kind, in place of the one before."""
    here = session()
    if kind == "firms":
        _leave_sample(here)
    here.scenario = here.scenario.with_(inputs={**here.scenario.inputs, kind: source})
    here.names[kind] = name
    if kind == "boundary":
        here.edit_rev += 1


def take_away(kind: str) -> None:
    """Remove the input of a kind."""
    here = session()
    if kind == "firms":
        _leave_sample(here)
    here.scenario = here.scenario.with_(
        inputs={key: source for key, source in here.scenario.inputs.items() if key != kind}
    )
    here.names.pop(kind, None)
    if kind == "boundary":
        here.edit_rev += 1


def set_drawn_boundary(features: Mapping[str, Any], name: str) -> None:
    """Take what was drawn on the map as the boundary; nothing drawn removes it.

    Parameters
    ----------
    features : GeoJSON FeatureCollection
        Polygons in longitude and latitude; several are one boundary in several parts.
    name : str
        What the drawing is called in lists of inputs.
    """
    here = session()
    rev = here.edit_rev  # the map shows this shape already
    polygons = [
        {"type": "Feature", "properties": {}, "geometry": feature["geometry"]}
        for feature in features.get("features", ())
        if feature.get("geometry", {}).get("type") in ("Polygon", "MultiPolygon")
    ]
    if polygons:
        text = json.dumps({"type": "FeatureCollection", "features": polygons})
        put_input("boundary", str(keep_file("boundary.geojson", text.encode())), name)
    elif "boundary" in here.scenario.inputs:
        take_away("boundary")
    here.edit_rev = rev


def _replace(scenario: Scenario, *, sample: str = "", folder: Folder | None = None) -> None:
    before: Session | None = st.session_state.get(_STATE)
    opened = Session(scenario=scenario, sample=sample)
    if before is not None:  # paths carry their content, so results and files of before stay right
        opened.folder, opened.results = before.folder, before.results
        opened.edit_rev = before.edit_rev + 1
    if folder is not None:
        opened.folder = folder
    opened.names = {kind: Path(split_source(source)[0]).name for kind, source in scenario.inputs.items()}
    st.session_state[_STATE] = opened


def _leave_sample(here: Session) -> None:
    """Other firms make a project of one's own: what a sample says of its firms is no longer true."""
    said = {text for name in sample_names() for text in _texts(name)}
    title, notes = ("" if text in said else text for text in (here.scenario.title, here.scenario.notes))
    here.scenario = here.scenario.with_(title=title, notes=notes)
    here.sample = ""


def _speak(here: Session) -> None:
    """Keep a sample's own title and notes in the language of the page, also when it was reopened."""
    scenario = here.scenario
    if here.spoken == (language(), scenario.title, scenario.notes):
        return
    titles: dict[str, str] = {}
    notes: dict[str, str] = {}
    for name in sample_names():
        zh_title, zh_notes, en_title, en_notes = _texts(name)
        wanted = (zh_title, zh_notes) if language() == "zh" else (en_title, en_notes)
        titles |= dict.fromkeys((zh_title, en_title), wanted[0])
        notes |= dict.fromkeys((zh_notes, en_notes), wanted[1])
    here.scenario = scenario.with_(
        title=titles.get(scenario.title, scenario.title), notes=notes.get(scenario.notes, scenario.notes)
    )
    here.spoken = (language(), here.scenario.title, here.scenario.notes)


def _texts(name: str) -> tuple[str, str, str, str]:
    sample = load_sample(name)
    return sample.title_zh, sample.notes_zh, sample.title_en, sample.notes_en

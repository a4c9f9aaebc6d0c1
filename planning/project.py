"""One file that holds a whole scenario: choices, original inputs, boundary, edits.

A ``.parkplan`` file is a zip of ``scenario.toml`` and the inputs as they were uploaded
(``inputs/firms.csv`` …). Opening one is as hostile as any upload: names, counts and sizes are
checked before a byte is unpacked, and the inputs go through the sandboxed import again.
"""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from geo.errors import N_, SourceError
from planning.scenario import INPUT_KINDS, Scenario

__all__ = ["SUFFIX", "open_project", "open_project_file", "save_project"]

SUFFIX = ".parkplan"
SCENARIO_NAME = "scenario.toml"
TEMPLATE_NAME = "template.toml"
MAX_BYTES = 500_000_000
MAX_SCENARIO_BYTES = 1_000_000
_INPUT_NAME = re.compile(rf"inputs/({'|'.join(INPUT_KINDS)})\.([a-z0-9]{{1,10}})")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def save_project(scenario: Scenario) -> bytes:
    """Pack a scenario with its input files.

    Parameters
    ----------
    scenario : Scenario
        Its inputs name files that exist now; a template may be a file too.

    Returns
    -------
    bytes
        The same scenario and files give the same bytes.

    Raises
    ------
    SourceError
        If an input file is gone.
    """
    buffer = io.BytesIO()
    values = scenario.to_mapping()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        sources: dict[str, str] = {}
        for kind, source in scenario.inputs.items():
            name, colons, answers = source.partition("::")
            path = Path(name)
            if path.is_dir():  # an earlier import: its accepted rows are the input
                path = path / "accepted.gpkg"
            inside = f"inputs/{kind}{path.suffix.lower()}"
            _add(archive, inside, _read(path))
            sources[kind] = f"{inside}{colons}{answers}"
        values["inputs"] = sources
        if scenario.template.endswith(".toml"):
            _add(archive, TEMPLATE_NAME, _read(Path(scenario.template)))
            values["template"] = TEMPLATE_NAME
        _add(archive, SCENARIO_NAME, tomli_w.dumps(values).encode())
    return buffer.getvalue()


def open_project_file(path: Path, folder: Path) -> Scenario:
    """Open a project from disk; see `open_project`."""
    return open_project(_read(path), folder)


def open_project(content: bytes, folder: Path) -> Scenario:
    """Unpack a project into an empty folder of ours and return its scenario.

    Parameters
    ----------
    content : bytes
        A ``.parkplan`` file.
    folder : Path
        Receives the inputs under names that we choose.

    Raises
    ------
    SourceError
        If the file is no project, is too large or holds anything unexpected.
    UsageError
        If the scenario has an unknown key or value.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise SourceError(
            N_("this is no scenario file of this program"), hint=N_("choose a file that ends in .parkplan")
        ) from None
    with archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        strange = [
            name
            for name in names
            if name not in (SCENARIO_NAME, TEMPLATE_NAME) and not _INPUT_NAME.fullmatch(name)
        ]
        if SCENARIO_NAME not in names or strange or len(set(names)) != len(names):
            raise SourceError(
                N_("the scenario file is damaged or holds something unexpected: {name}"),
                hint=N_("save it again with this program"),
                where=strange[0] if strange else SCENARIO_NAME,
                name=strange[0] if strange else SCENARIO_NAME,
                code="UNSAFE",
            )
        left = MAX_BYTES
        scenario_bytes = b""
        for member in members:
            limit = MAX_SCENARIO_BYTES if member.filename in (SCENARIO_NAME, TEMPLATE_NAME) else left
            data = _inflate(archive, member, limit)
            left -= len(data)
            if member.filename == SCENARIO_NAME:
                scenario_bytes = data
                continue
            target = folder / member.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    values = _parse(scenario_bytes)
    _stay_inside(values, set(names))
    return Scenario.from_mapping(values, base=folder, where=SCENARIO_NAME)


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """Inflate at most `limit` bytes: the size in the header may lie."""
    try:
        with archive.open(member) as stream:
            data = stream.read(limit + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise SourceError(
            N_("the scenario file is damaged at “{name}”: {reason}"),
            where=member.filename,
            name=member.filename,
            reason=error,
        ) from None
    if len(data) > limit:
        raise SourceError(
            N_("the scenario file unpacks to more than {limit} MB"),
            where=member.filename,
            code="TOO_LARGE",
            limit=MAX_BYTES // 1_000_000,
        )
    return data


def _parse(text: bytes) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(
            N_("the scenario file is damaged at “{name}”: {reason}"),
            where=SCENARIO_NAME,
            name=SCENARIO_NAME,
            reason=error,
        ) from None


def _stay_inside(values: Mapping[str, Any], names: set[str]) -> None:
    """Refuse a scenario that points at files which are not in the project."""
    inputs = values.get("inputs", {})
    pointed = (
        [str(source).partition("::")[0] for source in inputs.values()] if isinstance(inputs, dict) else []
    )
    answers = (
        [str(source).partition("::")[2] for source in inputs.values()] if isinstance(inputs, dict) else []
    )
    template = values.get("template", "")
    if isinstance(template, str) and (template.endswith(".toml") or "/" in template or "\\" in template):
        pointed.append(template)
    for name in pointed:
        if name not in names:
            raise SourceError(
                N_("the scenario file points at “{name}”, which is not in it"),
                where=name,
                name=name,
                code="UNSAFE",
            )
    for answer in answers:
        if "mapping=" in answer or ".toml" in answer:
            raise SourceError(
                N_("the scenario file points at “{name}”, which is not in it"),
                where=answer,
                name=answer,
                code="UNSAFE",
            )


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, date_time=_EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            N_("the input “{name}” cannot be read: {reason}"),
            where=path.name,
            name=path.name,
            reason=error.strerror or str(error),
        ) from None

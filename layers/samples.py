"""The built-in samples: synthetic firms around real places, and the real places themselves."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data import SAMPLES
from geo.errors import N_, UsageError, nearest_name

__all__ = ["Sample", "load_sample", "sample_names"]

ORDER = ("shuitou", "yongan", "dalian", "seed_places")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One built-in sample.

    Attributes
    ----------
    name : str
    title_zh, title_en : str
    notes_zh, notes_en : str
        What is published and what the generator assumes; shown beside the label.
    template : str
        Empty: the sample is no park.
    within_km : float
    inputs : mapping of str to str
        Kind of input → ``FILE`` or ``FILE::key=value``, as in a scenario.
    seed : int or None
        Of the generator, scripts/make_samples.py; None for a sample of real places.
    place : str
        Id of the real place in data/reference/places.csv.
    published : mapping of str to str
        Totals that the generator keeps.
    clusters : mapping of str to object
        Cluster parameters that suit the sample, where the usual ones do not.
    """

    name: str
    title_zh: str
    title_en: str
    notes_zh: str
    notes_en: str
    template: str
    within_km: float
    inputs: Mapping[str, str]
    seed: int | None = None
    place: str = ""
    published: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, Any] = field(default_factory=dict)


def sample_names() -> list[str]:
    """Names of the samples."""
    return list(ORDER)


def load_sample(name: str) -> Sample:
    """Return one sample.

    Raises
    ------
    UsageError
        If there is no such sample; the nearest name is told.
    """
    if name not in ORDER:
        near = nearest_name(name, ORDER)
        raise UsageError(
            N_("there is no sample “{name}”"),
            hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
            where="sample",
            name=name,
            near=near,
            known=", ".join(ORDER),
        )
    folder = SAMPLES / name
    values: dict[str, Any] = tomllib.loads((folder / "sample.toml").read_text(encoding="utf-8"))
    values["within_km"] = float(values["within_km"])
    values["inputs"] = {kind: str(folder / source) for kind, source in values["inputs"].items()}
    return Sample(name=name, **values)

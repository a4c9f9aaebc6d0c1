"""The built-in samples: synthetic firms around real places, and the real places themselves."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import SAMPLES
from geo.errors import N_, UsageError, nearest_name

__all__ = ["Sample", "load_sample", "sample_names"]

ORDER = ("shuitou", "yongan", "dalian")


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
    within_km : float
    seed : int
        Of the generator, scripts/make_samples.py.
    place : str
        Id of the real place in data/reference/places.csv.
    published : mapping of str to str
        Totals that the generator keeps.
    folder : Path
    """

    name: str
    title_zh: str
    title_en: str
    notes_zh: str
    notes_en: str
    template: str
    within_km: float
    seed: int
    place: str
    published: Mapping[str, str]
    folder: Path

    @property
    def firms_path(self) -> Path:
        """Synthetic firms, labelled in every row."""
        return self.folder / "firms.csv"

    @property
    def boundary_path(self) -> Path:
        """Outline of the park, a sketch."""
        return self.folder / "park.geojson"

    @property
    def gates_path(self) -> Path:
        """Gates of the park."""
        return self.folder / "gates.geojson"


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
    return Sample(name=name, folder=folder, **values)

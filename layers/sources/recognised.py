"""Which column was taken for which role, why, and what stands in it: to be looked at before it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import N_
from layers.sources.cells import holds_pairs
from layers.sources.columns import aliases, coordinate_pairs, holds_words, plain_name
from layers.sources.industries import known_codes
from layers.sources.registry import credit_codes_hold, read_status

__all__ = ["CONFIDENCES", "FoundColumn", "describe_roles", "find_by_content"]

CONFIDENCES: Mapping[str, str] = {
    "name": N_("by its name"),
    "words": N_("by words in its name"),
    "content": N_("by what stands in it"),
    "credit_code": N_("the credit code is taken"),
    "stated": N_("you or a mapping file said so"),
}
"""How a column was found."""
_LOOKED_AT = 1_000
_MOST = 0.8
_LOOKS_LIKE: Mapping[str, Callable[[pd.Series], NDArray[np.bool_]]] = {
    "credit_code": lambda cells: credit_codes_hold(cells)[1],
    "status": lambda cells: read_status(cells).isin(["active", "closed"]).to_numpy(dtype=bool),
    "industry_code": lambda cells: cells.isin(list(known_codes())).to_numpy(dtype=bool),
}
"""Role → which cells look like it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundColumn:
    """A role and the column that was taken for it.

    Attributes
    ----------
    role, column : str
    confidence : str
        A key of `CONFIDENCES`.
    samples : tuple of str
        The first five different texts in it, shortened.
    """

    role: str
    column: str
    confidence: str
    samples: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the object that `parkplan import --json` lists under ``columns``."""
        return {
            "role": self.role,
            "column": self.column,
            "confidence": self.confidence,
            "samples": list(self.samples),
        }


def find_by_content(source: pd.DataFrame, roles: Mapping[str, str]) -> dict[str, str]:
    """Find columns of registers by what stands in them, where their names say nothing.

    Credit codes whose check sign fits, words of registration statuses, industry codes of the
    catalogues: four of five filled cells among the first thousand rows. Coordinates never: two
    numbers could be anything.

    Parameters
    ----------
    source : DataFrame of n rows
        Text.
    roles : mapping of str to str
        Role → column, as far as the names tell.

    Returns
    -------
    dict
        `roles` and what was found on top. A role that two columns could have stays open.
    """
    found = dict(roles)
    for role in _LOOKS_LIKE:
        if role in found:
            continue
        free = [str(column) for column in source.columns if column not in found.values()]
        fits = [column for column in free if _looks_like(role, source[column])]
        if len(fits) == 1:
            found[role] = fits[0]
    return found


def describe_roles(source: pd.DataFrame, roles: Mapping[str, str]) -> tuple[FoundColumn, ...]:
    """Say of each role how sure its column is, with samples.

    What the user stated is sure by itself; it is called so only where nothing else would have found
    it, so that a mapping file given back says the same.

    Parameters
    ----------
    source : DataFrame
        Text.
    roles : mapping of str to str
        Role → column, as found and as the user said.
    """
    pairs = coordinate_pairs([str(column) for column in source.columns])
    by_words = {("lon", lon) for lon, _ in pairs} | {("lat", lat) for _, lat in pairs}
    return tuple(
        FoundColumn(
            role=role,
            column=column,
            confidence=_confidence(role, source[column], roles, by_words),
            samples=_samples(source[column]),
        )
        for role, column in roles.items()
    )


def _confidence(role: str, cells: pd.Series, roles: Mapping[str, str], by_words: set[tuple[str, str]]) -> str:
    column = roles[role]
    if plain_name(column) in aliases().get(role, ()):
        return "name"
    if (role, column) in by_words or holds_words(role, column):
        return "words"
    if role == "id" and roles.get("credit_code") == column:
        return "credit_code"
    if role == "position" and holds_pairs(cells.iloc[:_LOOKED_AT]):
        return "content"
    return "content" if role in _LOOKS_LIKE and _looks_like(role, cells) else "stated"


def _looks_like(role: str, cells: pd.Series) -> bool:
    texts = cells.iloc[:_LOOKED_AT].fillna("").astype(str).str.strip()
    texts = texts[texts != ""]
    return len(texts) >= 3 and bool(np.mean(_LOOKS_LIKE[role](texts)) >= _MOST)


def _samples(cells: pd.Series) -> tuple[str, ...]:
    texts = cells.iloc[:_LOOKED_AT].fillna("").astype(str).str.strip()
    return tuple(text[:80] for text in texts[texts != ""].drop_duplicates().head(5))

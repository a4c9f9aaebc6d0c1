"""Which column was taken for which role, why, and what stands in it: to be looked at before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import N_
from layers.sources.columns import aliases, holds_words, plain_name
from layers.sources.industries import known_codes
from layers.sources.registry import credit_codes_hold, read_status

__all__ = ["CONFIDENCES", "FoundColumn", "describe_roles", "find_by_content"]

CONFIDENCES: Mapping[str, str] = {
    "stated": N_("the user or a mapping file says so"),
    "name": N_("its name is in the list"),
    "words": N_("its name holds words of the role"),
    "content": N_("its cells look like it"),
}
"""How a column was found, the surest first."""
_LOOKED_AT = 1_000
_MOST = 0.8


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
    for role, looks_like in (
        ("credit_code", lambda cells: credit_codes_hold(cells)[1]),
        ("status", lambda cells: read_status(cells).isin(["active", "closed"]).to_numpy(dtype=bool)),
        ("industry_code", lambda cells: cells.isin(known_codes()).to_numpy(dtype=bool)),
    ):
        if role in found:
            continue
        fits = []
        for column in source.columns:
            if column in found.values():
                continue
            cells = source[column].iloc[:_LOOKED_AT].fillna("").astype(str).str.strip()
            cells = cells[cells != ""]
            if len(cells) >= 3 and np.mean(looks_like(cells)) >= _MOST:
                fits.append(str(column))
        if len(fits) == 1:
            found[role] = fits[0]
    return found


def describe_roles(
    source: pd.DataFrame, roles: Mapping[str, str], stated: Mapping[str, str]
) -> tuple[FoundColumn, ...]:
    """Say of each role how sure its column is, with samples.

    Parameters
    ----------
    source : DataFrame
        Text.
    roles, stated : mapping of str to str
        Role → column, as found and as the user said.
    """
    return tuple(
        FoundColumn(
            role=role,
            column=column,
            confidence=_confidence(role, column, stated),
            samples=_samples(source[column]),
        )
        for role, column in roles.items()
    )


def _confidence(role: str, column: str, stated: Mapping[str, str]) -> str:
    if stated.get(role) == column:
        return "stated"
    name = plain_name(column)
    if name in aliases().get(role, ()):
        return "name"
    if role in ("lon", "lat") or holds_words(role, column):
        return "words"
    return "content"


def _samples(cells: pd.Series) -> tuple[str, ...]:
    texts = cells.iloc[:_LOOKED_AT].fillna("").astype(str).str.strip()
    return tuple(text[:80] for text in texts[texts != ""].drop_duplicates().head(5))

"""What is worth knowing of a table of firms beside where they lie: registers, industries, duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from layers.sources.checked import Rows
from layers.sources.duplicates import Keys, find_duplicates
from layers.sources.industries import industries_of, read_editions
from layers.sources.options import KINDS, ImportOptions
from layers.sources.recognised import FoundColumn, describe_roles, find_by_content
from layers.sources.registry import look_at_registry
from layers.sources.stray_rows import reject_stray_rows

__all__ = ["FirmTable", "begin_table", "end_table"]

_FIRMS = ("firms", "any")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FirmTable:
    """What was noticed about a table as a whole.

    Attributes
    ----------
    columns : tuple of FoundColumn
        Which column was taken for which role, how sure that is, and samples.
    industries : tuple of dict
        What each different industry was taken for; see `industries_of`.
    duplicates : DataFrame
        Schema `DUPLICATES`; empty where no firm stands in the table twice.
    """

    columns: tuple[FoundColumn, ...] = ()
    industries: tuple[dict[str, Any], ...] = ()
    duplicates: pd.DataFrame = field(default_factory=pd.DataFrame)

    def to_json(self) -> dict[str, Any]:
        """Return the keys that `parkplan import --json` has for it."""
        return {
            "columns": [one.to_json() for one in self.columns],
            "industries": [dict(one) for one in self.industries],
            "duplicates": {
                "groups": int(self.duplicates["group"].nunique()) if len(self.duplicates) else 0,
                "rows": len(self.duplicates),
            },
        }


def begin_table(
    rows: Rows, roles: Mapping[str, str], options: ImportOptions, *, has_shapes: bool
) -> dict[str, str]:
    """Look at a table before its rows are placed.

    Returns
    -------
    dict
        Role → column: `roles` and, in a table of firms, those found by what stands in them.

    Raises
    ------
    ChoiceError
        If the edition of industry codes matters and is not stated.
    """
    if not has_shapes:
        reject_stray_rows(rows, roles, placed=bool(KINDS[options.kind]))
    if options.kind not in _FIRMS:
        return dict(roles)
    found = find_by_content(rows.source, roles) if options.kind == "firms" else dict(roles)
    read_editions(rows.source, found, options.code_edition, ask=True)
    return found


def end_table(rows: Rows, roles: Mapping[str, str], keys: Keys, options: ImportOptions) -> FirmTable:
    """Flag what registers and neighbours say of the rows that are kept, and describe the table.

    Raises
    ------
    ChoiceError
        If founding dates can be read in two ways.
    """
    columns = describe_roles(rows.source.iloc[np.flatnonzero(rows.good)[:1_000]], roles)
    if options.kind not in _FIRMS:
        return FirmTable(columns=columns)
    look_at_registry(rows, roles, options.dates)
    twice = find_duplicates(rows, roles, keys)
    near = twice["reason"].isin(["credit_code", "name"]) & twice.duplicated("group")
    later = rows.at(twice.loc[near, "place"].to_numpy(dtype=np.int64))
    rows.flag(later & ~rows.flagged("DUPLICATE"), "NEAR_DUPLICATE")
    places = twice["place"].to_numpy(dtype=np.int64)
    duplicates = pd.DataFrame(
        {
            "group": twice["group"].to_numpy(dtype=np.int64),
            "source_row": rows.source_row[places],
            "reason": twice["reason"].to_numpy(dtype=object),
            "id": _cells(rows, roles, "id", places),
            "name": _cells(rows, roles, "name", places),
        }
    )
    wanted = {roles[role] for role in ("industry_code", "industry", "code_version") if role in roles}
    good = rows.source.loc[rows.good, sorted(wanted)]
    editions = read_editions(good, roles, options.code_edition)
    return FirmTable(columns=columns, industries=industries_of(good, roles, editions), duplicates=duplicates)


def _cells(rows: Rows, roles: Mapping[str, str], role: str, places: Any) -> Any:
    if role not in roles:
        return ""
    return rows.source[roles[role]].iloc[places].to_numpy(dtype=object)

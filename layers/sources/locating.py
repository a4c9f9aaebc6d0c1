"""Rows without coordinates, located by their addresses when that was chosen: to their county or city."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import N_, ChoiceError, Option, SchemaError
from layers.addresses import find_units
from layers.admin import units
from layers.sources.arguments import as_argument
from layers.sources.checked import Rows
from layers.sources.columns import coordinate_pairs
from layers.sources.options import KINDS, ImportOptions

__all__ = ["LOCATED_AS", "by_address_alone", "locate_rows"]

_NOTHING = r"(?i)\s*(?:[-–—/.*]*|无|空|未知|暂无|null|none|nan|n/?a)\s*"
"""What people write into a cell that has nothing to say."""
LOCATED_AS = "located_as"
"""Column that says by which unit a row was located, and by which words of its address."""


def by_address_alone(rows: Rows, roles: Mapping[str, str], options: ImportOptions, name: str) -> bool:
    """Whether a table without geometries has no coordinates, and its addresses are to serve instead.

    Raises
    ------
    ChoiceError
        If it has addresses and no coordinates, and nothing was chosen.
    """
    columns = [str(column) for column in rows.source.columns]
    if {"lon", "lat", "position"} & set(roles) or coordinate_pairs(columns):
        return False
    if "Point" not in KINDS[options.kind]:
        return False
    if options.locate is None and "address" in roles:
        raise ChoiceError(
            N_("“{name}” has addresses (“{column}”) but no coordinates"),
            hint=N_("name columns of longitude and latitude, or have each row located by its address"),
            about="locate",
            code="MISSING_COORD",
            where=name,
            options=[
                Option(
                    "address",
                    N_("a point of the county or city that the address names; other rows are rejected"),
                    as_argument({"locate": "address"}),
                )
            ],
            preview=rows.preview(rows.good),
            name=name,
            column=roles["address"],
        )
    return options.locate is not None


def locate_rows(rows: Rows, roles: Mapping[str, str], options: ImportOptions, name: str) -> pd.Series:
    """Give rows that lack coordinates a point of the unit that their address names, if that is chosen.

    Parameters
    ----------
    rows : Rows
        Placed as far as coordinates go. The column `LOCATED_AS` is added.
    roles : mapping of str to str
    options : ImportOptions
    name : str
        Of the file.

    Returns
    -------
    Series of n str
        ``county`` or ``city`` for what was located, else empty.

    Raises
    ------
    SchemaError
        If no column holds addresses.

    Notes
    -----
    A row counts as without coordinates when every cell of them is empty: one that is half there or
    wrong keeps its reason. What stays without a place is rejected as ``MISSING_COORD``.
    """
    level = pd.Series("", index=rows.source.index, dtype=object)
    if options.locate is None or "Point" not in KINDS[options.kind]:
        return level
    if "address" not in roles:
        raise SchemaError(
            N_("“{name}” has no column of addresses to locate its rows by"),
            hint=N_("name it with --column address=COL"),
            where=name,
            name=name,
            code="NO_COLUMN",
        )
    wanted = _without_coordinates(rows, roles)
    places = np.flatnonzero(wanted)
    found = find_units(rows.source[roles["address"]].iloc[places])
    has_unit = (found["adcode"] != "").to_numpy(dtype=bool)
    here = places[has_unit]
    unit = units().loc[found["adcode"].to_numpy()[has_unit]]
    rows.take_back(here)
    rows.lon[here], rows.lat[here] = unit["lon"], unit["lat"]
    rows.shapes[here] = shapely.points(rows.lon[here], rows.lat[here])
    rows.reject(wanted & ~rows.at(here), "MISSING_COORD", roles["address"])
    level.iloc[here] = found["level"].to_numpy()[has_unit]
    rows.flag((level == "county").to_numpy(), "LOCATED_BY_COUNTY")
    rows.flag((level == "city").to_numpy(), "LOCATED_BY_CITY")
    said = np.full(len(rows), "", dtype=object)
    if LOCATED_AS in rows.source:
        said[:] = rows.source[LOCATED_AS]
    said[here] = (found["adcode"] + " " + found["words"]).to_numpy()[has_unit]
    rows.added[LOCATED_AS] = said
    return level


def _without_coordinates(rows: Rows, roles: Mapping[str, str]) -> NDArray[np.bool_]:
    """Rows that have no coordinate, not even half of one, and no other reason against them."""
    missing = np.isin(rows.code.astype(str), ["MISSING_COORD", "BAD_NUMBER"])
    for role in ("lon", "lat", "position"):
        if role in roles:
            missing &= rows.source[roles[role]].str.fullmatch(_NOTHING).to_numpy(dtype=bool)
    return np.asarray(rows.good & np.isnan(rows.lon)) | missing

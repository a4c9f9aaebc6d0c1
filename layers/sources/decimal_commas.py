"""Coordinates like 118,425: degrees with a decimal comma, or metres with a comma between thousands."""

from __future__ import annotations

from collections.abc import Mapping

from geo.errors import N_, ChoiceError, Option
from layers.sources.cells import hold_decimal_commas
from layers.sources.checked import Rows
from layers.sources.columns import plain_name

__all__ = ["hold_degrees_with_commas"]

_DEGREES = ("经", "纬", "lon", "lng", "lat")
"""Words of names that say degrees; those of X, Y, 横坐标, easting do not."""


def hold_degrees_with_commas(rows: Rows, roles: Mapping[str, str]) -> bool:
    """Whether the columns of coordinates are degrees whose commas all part three decimals.

    Parameters
    ----------
    rows : Rows
    roles : mapping of str to str
        With lon and lat; no system is stated for them.

    Raises
    ------
    ChoiceError
        If their numbers can be degrees in China, or metres of a town's own grid, and their names do not say.
    """
    columns = roles["lon"], roles["lat"]
    first, second = (rows.source[column] for column in columns)
    if not (hold_decimal_commas(first, second) or hold_decimal_commas(second, first)):
        return False
    if all(any(word in plain_name(column) for word in _DEGREES) for column in columns):
        return True
    example = next(text.strip() for text in first if str(text).strip())
    raise ChoiceError(
        N_("“{column}” holds numbers like {example}: degrees with a decimal comma, or metres with thousands"),
        hint=N_("state the coordinate system: --crs WGS84 for degrees, --crs EPSG:n or FILE.toml for metres"),
        about="crs",
        code="CRS_AMBIGUOUS",
        where=columns[0],
        options=[
            Option("WGS84", N_("longitude and latitude, the comma before the decimals"), "--crs WGS84"),
            Option("GCJ-02", N_("the same, as web maps in China shift it"), "--crs GCJ-02"),
        ],
        preview=rows.preview(rows.good),
        column=columns[0],
        example=example,
    )

"""Columns of coordinates that hold less, or more, than one number a cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import pandas as pd

from geo.errors import N_, ChoiceError, Option, SourceError
from layers.sources.arguments import as_argument
from layers.sources.checked import Rows

__all__ = ["ask_which_block", "coordinate_texts"]

_PACKED = re.compile(r"度\.分秒|d{1,3}\.mm(?:ss)?(?![a-z])")
_FRACTION = re.compile(r"\s*\d{1,3}\.\d{2,}\s*")
_PARTS = ("分", "秒")


def coordinate_texts(rows: Rows, roles: Mapping[str, str]) -> tuple[pd.Series, pd.Series]:
    """Return the texts of longitude and latitude; degrees, minutes and seconds of three columns as one.

    Parameters
    ----------
    rows : Rows
    roles : mapping of str to str
        With lon and lat. Where the two columns behind each of them are named 分 and 秒, the three are one
        angle.

    Raises
    ------
    SourceError
        If a name says that minutes and seconds stand as decimals (118.2530 for 118°25′30″): such numbers
        would pass for degrees.
    """
    both = [roles["lon"], roles["lat"]]
    for column in both:
        if not _PACKED.search(unicodedata.normalize("NFKC", column).casefold()):
            continue
        example = next(
            (str(text).strip() for text in rows.source[column] if _FRACTION.fullmatch(str(text))), ""
        )
        if example:
            raise SourceError(
                N_("“{column}” holds degrees, minutes and seconds as one number, like {example}"),
                hint=N_("write them as 118°25′30″ or as degrees with decimals"),
                where=column,
                code="BAD_NUMBER",
                column=column,
                example=example,
            )
    parts = [_behind(list(rows.source.columns), column) for column in both]
    if not all(parts):
        return rows.source[both[0]], rows.source[both[1]]
    lon, lat = (_joined(rows.source, [column, *part]) for column, part in zip(both, parts, strict=True))
    return lon, lat


def ask_which_block(rows: Rows, roles: Mapping[str, str]) -> None:
    """Ask where the columns of coordinates stand twice under the same names, as in tables side by side.

    Raises
    ------
    ChoiceError
    """
    lon, lat = roles["lon"], roles["lat"]
    pairs = [(lon, lat)]
    while all(f"{column}.{len(pairs) + 1}" in rows.source.columns for column in (lon, lat)):
        pairs.append((f"{lon}.{len(pairs) + 1}", f"{lat}.{len(pairs) + 1}"))
    if len(pairs) > 1:
        raise ChoiceError(
            N_("the columns “{lon}” and “{lat}” stand in the table {count} times"),
            hint=N_("choose a pair; where these are tables side by side, put them one below the other"),
            about="columns",
            code="COLUMNS",
            options=[Option(f"{x}, {y}", f"{x}, {y}", as_argument({"lon": x, "lat": y})) for x, y in pairs],
            preview=rows.preview(rows.good),
            lon=lon,
            lat=lat,
            count=len(pairs),
        )


def _behind(columns: list[str], column: str) -> list[str]:
    """The columns of minutes and seconds that stand behind one of degrees; none where there are none."""
    place = columns.index(column)
    behind = columns[place + 1 : place + 3]
    ends = [re.sub(r"[\W\d_]+", "", name)[-1:] for name in behind]
    return behind if ends == list(_PARTS) else []


def _joined(source: pd.DataFrame, columns: list[str]) -> pd.Series:
    degrees, minutes, seconds = (source[column].astype(str).str.strip() for column in columns)
    whole = degrees + "°" + minutes + "′" + seconds + "″"
    # A cell that holds the whole angle already, or nothing.
    return whole.where((minutes != "") | (seconds != ""), degrees)

"""What an import says of itself: counts that reconcile, reasons, warnings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.errors import N_

__all__ = ["CODES", "ImportReport", "Notice"]

CODES: dict[str, str] = {
    "BAD_NUMBER": N_("the coordinate is no number: write it as 118.425 or 118°25′30″"),
    "COLUMN_COUNT": N_("the row has more or fewer cells than the header: check its commas and quotes"),
    "CRS_AMBIGUOUS": N_("the coordinate system is not stated and cannot be told: state it"),
    "CRS_ASSUMED": N_("no coordinate system is stated: longitude and latitude are taken as WGS 84"),
    "DATUM_APPROXIMATE": N_(
        "the datum has no public tie to WGS 84: positions are approximate, up to 100 m off"
    ),
    "DUPLICATE": N_("the row repeats an earlier one: it is kept and counted"),
    "EMPTY_GEOMETRY": N_("the feature has no geometry: draw it or remove it"),
    "INVALID_GEOMETRY": N_("the geometry is broken and could not be repaired: draw it again"),
    "MISSING_COORD": N_("longitude or latitude is empty: fill it in"),
    "NONFINITE_COORD": N_("the coordinate is not finite: correct it"),
    "NULL_ISLAND": N_("the coordinates are 0, 0, which means that they are missing: fill them in"),
    "OUTSIDE_CHINA": N_("the position lies outside China: it is kept, and outside every Chinese study area"),
    "OUTSIDE_STUDY_AREA": N_(
        "the firm lies farther from the park than the stated distance: it does not count in metric figures"
    ),
    "OUT_OF_RANGE": N_("the coordinates are no longitude and latitude: check them and the coordinate system"),
    "REPAIRED_GEOMETRY": N_("the polygon crossed itself and was repaired: check its outline"),
    "SWAPPED_AXES": N_("longitude and latitude are swapped in this row: exchange them"),
    "TOO_LARGE": N_("the cell or shape is larger than an import may take: shorten it"),
    "WRONG_GEOMETRY": N_("the geometry is of another type than this kind of table needs"),
}
"""Reason codes of rows and what each means; docs/codes.md lists them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something noticed about rows that were accepted."""

    code: str
    count: int

    def to_json(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """Return code, count and sentence."""
        return {"code": self.code, "count": self.count, "message": translate(CODES[self.code])}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The account of one import: ``rows_in = accepted + rejected``.

    Attributes
    ----------
    kind : str
        What the table is taken for.
    rows_in, accepted, rejected : int
        `rows_in` comes from a counter independent of the parser.
    reasons : mapping of str to int
        Reject code → number of rows.
    crs, encoding, layer, format : str
        How the file was read.
    warnings : tuple of Notice
    sha256 : str
        Of the file's bytes.
    blank : int
        Blank rows; they are no records.
    lockdown : mapping of str to str
        What each layer of the sandbox answered.
    """

    kind: str
    rows_in: int
    accepted: int
    rejected: int
    reasons: Mapping[str, int]
    crs: str
    encoding: str
    layer: str
    format: str
    warnings: tuple[Notice, ...]
    sha256: str
    blank: int = 0
    lockdown: Mapping[str, str] = field(default_factory=dict)

    def to_json(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """Return the object that `parkplan import --json` prints."""
        return {
            "kind": self.kind,
            "rows_in": self.rows_in,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "reasons": dict(sorted(self.reasons.items())),
            "crs": self.crs,
            "encoding": self.encoding,
            "layer": self.layer,
            "format": self.format,
            "blank": self.blank,
            "warnings": [warning.to_json(translate) for warning in self.warnings],
            "sha256": self.sha256,
        }

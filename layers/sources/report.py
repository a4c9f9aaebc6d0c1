"""What an import says of itself: counts that reconcile, reasons, warnings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from geo.errors import N_
from geo.schema import Column

__all__ = ["CODES", "FINDINGS", "REJECTED", "REPORT", "WARNED", "ImportReport", "Notice"]

REJECTED: dict[str, str] = {
    "BAD_NUMBER": N_("the coordinate is no number: write it as 118.425 or 118°25′30″"),
    "BAD_WIND": N_(
        "the wind rose needs a direction (0 to 360, or N, 东北 …), a frequency (0 to 100) and a speed in m/s"
    ),
    "COLUMN_COUNT": N_("the row has more or fewer cells than the header: check its commas and quotes"),
    "COLUMN_NUMBERS": N_("the row numbers the columns: it is no record"),
    "EMPTY_GEOMETRY": N_("the feature has no geometry: draw it or remove it"),
    "INVALID_GEOMETRY": N_("the geometry is broken and could not be repaired: draw it again"),
    "MISSING_COORD": N_(
        "longitude or latitude is empty: fill it in, or write an address that names a county and locate by it"
    ),
    "NONFINITE_COORD": N_("the coordinate is not finite: correct it"),
    "NOT_JSON": N_("the line is no JSON: export the file again"),
    "NULL_ISLAND": N_("the coordinates are 0, 0, which means that they are missing: fill them in"),
    "OUT_OF_RANGE": N_("the coordinates are no longitude and latitude: check them and the coordinate system"),
    "REPEATED_HEADER": N_("the row repeats the names of the columns: it is no record"),
    "SWAPPED_AXES": N_("longitude and latitude are swapped in this row: exchange them"),
    "TOO_LARGE": N_("the cell or shape is larger than an import may take: shorten it"),
    "TOTALS_ROW": N_("the row holds totals: it is no record"),
    "UNDECODABLE_TEXT": N_("the text holds what is no character: write it again"),
    "UNITS_ROW": N_("the row holds the units of the columns: it is no record"),
    "WRONG_GEOMETRY": N_("the geometry is of another type than this kind of table needs"),
}
"""Codes that reject a row, and what each means."""
WARNED: dict[str, str] = {
    "BAD_CREDIT_CODE": N_("the credit code is not one of 18 signs whose check sign fits (GB 32100)"),
    "BAD_DATE": N_("the date cannot be read: write it as 2019-03-01 or 2019"),
    "CENTROID_FALLBACK": N_(
        "the position is the point that stands for a whole country, province, city or county: the place "
        "itself was not found"
    ),
    "CLOSED_FIRM": N_(
        "the firm is closed by its status (注销, 吊销, 迁出): it is kept, and counts in figures only with "
        "--with-closed"
    ),
    "AXES_EXCHANGED": N_("north or latitude stands first, and was taken so"),
    "CRS_ASSUMED": N_("no coordinate system is stated: longitude and latitude are taken as WGS 84"),
    "CRS_CONVERTED": N_("the coordinates were shifted from the stated system to WGS 84"),
    "DELETED_ROWS": N_("rows that were deleted in the file, but are still in it, are not read"),
    "DATUM_APPROXIMATE": N_(
        "the datum has no public tie to WGS 84: positions are approximate, up to 100 m off"
    ),
    "DUPLICATE": N_("the row repeats an earlier one: it is kept and counted"),
    "ENTITIES_LEFT_OUT": N_("texts, dimensions, solids and pictures of the drawing are not read"),
    "COUNTY_PRECISION": N_(
        "the place of the firm is known to its county or city alone: figures that need points leave it out"
    ),
    "LOCATED_BY_CITY": N_("the row lies at a point of the city that its address names"),
    "LOCATED_BY_COUNTY": N_("the row lies at a point of the county that its address names"),
    "GEOMETRY_COLUMN": N_("the geometries were found in a column of text; --geometry COL names another one"),
    "IN_SEA": N_("the position lies in the sea, more than 3 km off the coast: check it"),
    "LOOKS_SHIFTED": N_(
        "the points look shifted by some 500 m against the roads or the counties of their addresses, as "
        "GCJ-02 or BD-09 would be: state the coordinate systems"
    ),
    "NEAR_DUPLICATE": N_(
        "the firm seems to stand in the table already, by its credit code or by its name within 200 m: "
        "it is kept and counted"
    ),
    "LINKS_NOT_FOLLOWED": N_("links to other files or servers are not followed: give those files themselves"),
    "HEIGHTS_BEYOND_LAND": N_(
        "heights lie below −500 m or above 9,000 m: the value of missing cells may not be stated"
    ),
    "HEIGHTS_IN_METRES": N_("the raster states no unit: its heights are taken as metres"),
    "OTHER_COUNTY": N_("the position lies in another county or city than the address: check both"),
    "OUTSIDE_CHINA": N_("the position lies outside China: it is kept, and outside every Chinese study area"),
    "OUTSIDE_STUDY_AREA": N_(
        "the firm lies outside the study area, farther from the park than stated or abroad: "
        "it does not count in metric figures"
    ),
    "REGISTERED_ADDRESS": N_("the address is where the firm is registered, which need not be where it works"),
    "REPAIRED_COORD": N_(
        "the coordinate was no plain number but degrees and minutes, full-width signs, commas or units: "
        "check how it was read"
    ),
    "PRJ_MISSING": N_("the shapefile has no .prj, so that it states no coordinate system"),
    "PARAMETERS_UNUSED": N_(
        "the file states parameters of a transformation: they are kept out, its points are in the system "
        "that it names"
    ),
    "PARCEL_DIFFERS": N_(
        "the parcel states another number of points or another area than its lines draw: compare them"
    ),
    "REPAIRED_GEOMETRY": N_("the polygon crossed itself and was repaired: check its outline"),
    "RINGS_AS_HOLES": N_("closed outlines inside another one of the same layer are taken as its holes"),
    "SAME_ADDRESS": N_("five firms or more share this address or stand on one point"),
    "ROADS_CUT": N_("the extract lacks nodes of these roads: they end where it ends"),
    "SHORTENED_CODE": N_(
        "the code is written like 9.13E+17: Excel has lost its last digits, so that it names nobody; take it "
        "from the source again, as text"
    ),
    "SHEETS_LEFT_OUT": N_("hidden sheets that hold something are not read: name one with --layer to read it"),
    "TEXT_CUT": N_("the text fills its column and ends in half a character: whoever wrote the file cut it"),
    "UNKNOWN_STATUS": N_("the status is none that is known: the firm counts as active"),
    "WAYS_LEFT_OUT": N_("paths, stairs, squares and roads that are not built yet are no roads to drive on"),
    "UNITS_ASSUMED": N_(
        "the drawing's unit is none or does not fit its coordinates: the unit is taken in which they lie "
        "on a grid of China, else metres"
    ),
}
"""Codes that are noticed about rows which are kept, and what each means."""
CODES: dict[str, str] = REJECTED | WARNED
"""All codes of rows; docs/codes.md lists them beside those of errors."""
REPORT: dict[str, Column] = {
    "kind": Column(meaning="what the rows are taken for", kind="text"),
    "rows_in": Column(meaning="records in the file, by a counter that is not the parser", kind="count"),
    "accepted": Column(meaning="rows that were accepted", kind="count"),
    "rejected": Column(meaning="rows that were rejected: rows_in = accepted + rejected", kind="count"),
    "reasons": Column(meaning="code → rows rejected for it"),
    "crs": Column(meaning="coordinate system that the coordinates were taken in", kind="text"),
    "transformation": Column(
        meaning="of a system described by a file: its method and parameters, and of a fit the residual of "
        "each control point and their root mean square, rms_m; else empty"
    ),
    "encoding": Column(meaning="encoding of the text", kind="text"),
    "layer": Column(meaning="layer or sheet that was read; empty where a file has none", kind="text"),
    "format": Column(meaning="format, told by the content: CSV, XLSX, GeoJSON, Shapefile …", kind="text"),
    "blank": Column(meaning="blank rows, which are no records", kind="count"),
    "warnings": Column(meaning="what was noticed about rows that are kept: code, count, message"),
    "sha256": Column(meaning="SHA-256 of the file's bytes", kind="text"),
}
"""Keys of the account of one import, as `parkplan import --json` prints it."""
FINDINGS: dict[str, Column] = {
    "columns": Column(
        meaning="role, column, confidence (name, words, content, credit_code, stated) and samples of each "
        "known column"
    ),
    "industries": Column(
        meaning="industry as written, chain, stage, match and rows of each different one, at most 200; "
        "a chain of null is unknown"
    ),
    "duplicates": Column(meaning="groups of rows that seem to be one firm, and the rows in them"),
}
"""Keys that `parkplan import --json` prints behind the account."""


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
    transformation : mapping
        What a file of the user says of the system, with the residuals of a fit; see `LocalSystem`.
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
    transformation: Mapping[str, Any] = field(default_factory=dict)

    def noticed(self, code: str, count: int) -> ImportReport:
        """Return the report with one more warning; unchanged when nothing was noticed."""
        if not count:
            return self
        warnings = sorted([*self.warnings, Notice(code=code, count=count)], key=lambda notice: notice.code)
        return replace(self, warnings=tuple(warnings))

    def to_json(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """Return the object that `parkplan import --json` prints."""
        return {
            "kind": self.kind,
            "rows_in": self.rows_in,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "reasons": dict(sorted(self.reasons.items())),
            "crs": self.crs,
            "transformation": dict(self.transformation),
            "encoding": self.encoding,
            "layer": self.layer,
            "format": self.format,
            "blank": self.blank,
            "warnings": [warning.to_json(translate) for warning in self.warnings],
            "sha256": self.sha256,
        }

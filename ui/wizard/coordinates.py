"""The fourth step: which coordinate system, which axis first; or geometries, or addresses."""

from __future__ import annotations

import functools

import streamlit as st

from geo.errors import N_, ParkError
from ui.labels import crs_text
from ui.messages import show_error
from ui.state import keep_file
from ui.wizard.draft import Draft, answer, only_given_files
from ui.wizard.reading import Reading
from ui.words import _

__all__ = ["coordinate_step", "coordinates_said", "gauss_kruger_systems", "listed_system", "system_name"]

_DEGREES = {
    "WGS84": N_("WGS 84 (GPS)"),
    "CGCS2000": N_("CGCS2000, degrees"),
    "GCJ-02": N_("GCJ-02 (Amap, Tencent)"),
    "BD-09": N_("BD-09 (Baidu)"),
}
_SAME = {"EPSG:4326": "WGS84", "EPSG:4490": "CGCS2000"}
_BY_NUMBER = N_("{datum}, {width}° zone {zone}, easting with the zone's number")
_BY_MERIDIAN = N_("{datum}, {width}° zone, central meridian {meridian}°E")
_DATUMS = {"Xi'an 1980": N_("Xi'an 1980"), "Beijing 1954": N_("Beijing 1954")}
# The first EPSG codes of the rows of Gauss-Krüger zones: datum, width of the zones, by number or by
# meridian; every row counts up zone by zone.
_ROWS = (
    ("CGCS2000", 3, True, 4513),
    ("CGCS2000", 3, False, 4534),
    ("CGCS2000", 6, True, 4491),
    ("CGCS2000", 6, False, 4502),
    ("Xi'an 1980", 3, True, 2349),
    ("Xi'an 1980", 3, False, 2370),
    ("Xi'an 1980", 6, True, 2327),
    ("Xi'an 1980", 6, False, 2338),
    ("Beijing 1954", 3, True, 2401),
    ("Beijing 1954", 3, False, 2422),
    ("Beijing 1954", 6, True, 21413),
    ("Beijing 1954", 6, False, 21453),
)
_ZONES = {3: range(25, 46), 6: range(13, 24)}
_AXES = {
    "": N_("found, or asked for"),
    "xy": N_("east (longitude) first, as the columns say"),
    "yx": N_("north (latitude) first: planners' X is north"),
}
_ADDRESS = "address"


@functools.cache
def gauss_kruger_systems() -> dict[str, tuple[str, int, int, bool]]:
    """EPSG code → datum, width of the zones (degrees), zone, whether eastings begin with its number."""
    return {
        f"EPSG:{first + place}": (datum, width, zone, numbered)
        for datum, width, numbered, first in _ROWS
        for place, zone in enumerate(_ZONES[width])
    }


def system_name(code: str) -> str:
    """Name of a system of the list; any other is what it says itself."""
    code = _SAME.get(code, code)
    if code in _DEGREES:
        return _(_DEGREES[code])
    if code not in gauss_kruger_systems():
        return crs_text(code) if code.startswith("EPSG:") else code.rpartition("/")[2]
    datum, width, zone, numbered = gauss_kruger_systems()[code]
    template = _BY_NUMBER if numbered else _BY_MERIDIAN
    meridian = zone * 3 if width == 3 else zone * 6 - 3
    called = _(_DATUMS.get(datum, datum))
    return f"{_(template, datum=called, width=width, zone=zone, meridian=meridian)} · {code}"


def listed_system(code: str) -> str | None:
    """Name of a system of the list; None for any other."""
    return system_name(code) if {code, _SAME.get(code)} & {*_DEGREES, *gauss_kruger_systems()} else None


def coordinates_said(reading: Reading) -> str:
    """The system, and what was taken for granted."""
    if reading.imported is None:
        return ""
    report, options = reading.imported.report, reading.imported.options
    words = [system_name(report.crs) if report.crs else _("no coordinates")]
    if any(warning.code == "CRS_ASSUMED" for warning in report.warnings):
        words.append(_("assumed"))
    if options.axes == "yx":
        words.append(_("north first"))
    if options.geometry:
        words.append(options.geometry)
    return " · ".join(words)


def coordinate_step(reading: Reading) -> None:
    """Let the system, the order of the axes, a column of geometries or places by address be stated."""
    draft = reading.draft
    said = draft.answers
    systems = [*_DEGREES, *gauss_kruger_systems()]
    if said.get("crs", "") and said["crs"] not in systems:
        systems.insert(0, said["crs"])
    cells = reading.cells
    columns = [] if cells is None else [str(column) for column in cells.columns]
    with st.form(f"coordinates_{draft.stamp}", border=False):
        left, right = st.columns(2)
        crs = left.selectbox(
            _("Coordinate system"),
            systems,
            index=systems.index(said["crs"]) if said.get("crs") else None,
            format_func=system_name,
            accept_new_options=True,
            placeholder=_("found, or asked for"),
            help=_("Choose from the list, type a code such as EPSG:4548, or give a file of your own below."),
        )
        axes = right.selectbox(
            _("Order of the coordinates"),
            list(_AXES),
            index=list(_AXES).index(said.get("axes", "")),
            format_func=lambda value: _(_AXES[value]),
        )
        geometry = left.selectbox(
            _("Column of geometries (WKT or GeoJSON)"),
            columns,
            index=columns.index(said["geometry"]) if said.get("geometry") in columns else None,
            placeholder=_("none"),
        )
        located = st.checkbox(
            _("Rows without coordinates lie in the county of their address"),
            said.get("locate") == _ADDRESS,
            help=_("At county precision: figures that need points leave these rows out and say how many."),
        )
        own = st.file_uploader(
            _("System of your own (TOML): a local grid, parameters or control points"),
            type=["toml"],
            key=f"crs_file_{draft.number}",
        )
        if st.form_submit_button(_("Apply")):
            given = {"crs": crs or "", "axes": axes or "", "geometry": geometry or ""}
            given["locate"] = _ADDRESS if located else ""
            kept = {said.get("crs", "")}
            if own is not None:
                given["crs"] = str(keep_file(own.name, own.getvalue()))
                kept.add(given["crs"])
            _take(draft, given, kept)


def _take(draft: Draft, given: dict[str, str], kept: set[str]) -> None:
    """Take the answers, unless one of them is none or names a file that was not given."""
    from layers.sources.options import ImportOptions

    try:
        only_given_files(given, kept)
        ImportOptions(crs=given["crs"] or None)
    except ParkError as error:
        show_error(error)
        return
    answer(draft, given)
    st.rerun()

"""Where each row lies: coordinates out of columns or geometries, once, into WGS 84; or why not."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import N_, ChoiceError, CrsError, Option, SchemaError
from layers.sources.arguments import as_argument
from layers.sources.cells import holds_pairs, parse_coordinates, parse_pairs
from layers.sources.checked import Rows
from layers.sources.columns import coordinate_pairs, stated_system
from layers.sources.coordinate_columns import ask_which_block, coordinate_texts
from layers.sources.coordinates import (
    Crs,
    ask_crs,
    ask_zone,
    in_china_box,
    parse_crs,
    points_to_wgs84,
    shapes_to_wgs84,
    system_of_file,
)
from layers.sources.decimal_commas import hold_degrees_with_commas
from layers.sources.options import KINDS, ImportOptions
from layers.sources.repair import mend
from layers.sources.stated_crs import crs_by_cells

__all__ = ["place_points", "place_shapes", "with_position"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_UNKNOWN = (999, 9_999, 99_999, 999_999)
"""What databases write into both columns of a place that they do not know."""
_SAYS_AXIS = ("东", "北", "横", "纵", "经", "纬", "east", "north", "lon", "lng", "lat")
"""Words of names that leave no doubt about the axis; X and Y do: X is north on a survey, east in a GIS."""


def place_points(rows: Rows, roles: Mapping[str, str], options: ImportOptions, name: str) -> tuple[Crs, bool]:
    """Take longitude and latitude, or easting and northing, out of two columns.

    Returns
    -------
    crs : Crs
    assumed : bool
        Whether nobody stated it.
    """
    stated = options.crs or crs_by_cells(rows, roles) or _stated_by_names(roles)
    x, y = _take_numbers(rows, roles, options, name, stated)
    good = rows.good
    if not good.any():
        return parse_crs(stated or "WGS84"), stated is None
    crs = _understand(x[good], y[good], stated, rows, good, by_user=options.crs is not None)
    roles = _coordinate_columns(roles)
    lon, lat = _settle(
        rows, x, y, crs, options.axes, lambda: _ask_axes(x[good], y[good], rows, good, roles, crs), roles
    )
    _flag_conversion(rows, crs, options)
    good = rows.good
    rows.lon[good], rows.lat[good] = lon[good], lat[good]
    rows.shapes[good] = shapely.points(rows.lon[good], rows.lat[good])
    return crs, stated is None


def with_position(rows: Rows, roles: Mapping[str, str]) -> dict[str, str]:
    """Return the roles with the column that holds both coordinates, where two columns do not.

    It is known by its name, or by what it holds: a longitude and a latitude in China.

    Raises
    ------
    ChoiceError
        If several columns hold such pairs.
    """
    found = dict(roles)
    if "lon" in roles and "lat" in roles:
        found.pop("position", None)
        return found
    columns = [str(column) for column in rows.source.columns]
    if "position" in roles or len(coordinate_pairs(columns)) > 1:
        return found
    held = [column for column in columns if holds_pairs(rows.source[column].head(2_000))]
    if len(held) > 1:
        raise ChoiceError(
            N_("{count} columns hold longitude and latitude in one cell"),
            hint=N_("choose one"),
            about="columns",
            code="COLUMNS",
            options=[Option(one, one, as_argument({"column=position": one})) for one in held],
            preview=rows.preview(rows.good),
            count=len(held),
        )
    if held:
        found["position"] = held[0]
    return found


def _take_numbers(
    rows: Rows, roles: Mapping[str, str], options: ImportOptions, name: str, stated: str | None
) -> tuple[Floats, Floats]:
    """Two numbers a row, east first, out of two columns or one; what was rewritten for that is flagged."""
    if "position" in roles:
        return _take_pairs(rows, roles["position"], options)
    _needs_columns(rows, roles, options, name)
    if options.lon is None and "lon" not in options.columns:
        ask_which_block(rows, roles)
    degrees: bool | None = None
    if stated is not None:
        degrees = parse_crs(stated).in_degrees
    elif hold_degrees_with_commas(rows, roles):
        degrees = True
    x, y = (parse_coordinates(texts, in_degrees=degrees) for texts in coordinate_texts(rows, roles))
    for code in ("MISSING_COORD", "NONFINITE_COORD", "BAD_NUMBER"):
        rows.reject(x.codes == code, code, roles["lon"])
        rows.reject(y.codes == code, code, roles["lat"])
    rows.reject((x.values == 0) & (y.values == 0), "NULL_ISLAND", roles["lon"])
    unknown = (x.values == y.values) & np.isin(np.abs(x.values), _UNKNOWN)
    rows.reject(unknown, "OUT_OF_RANGE", roles["lon"])
    rows.flag(x.rewritten | y.rewritten, "REPAIRED_COORD")
    return (y.values, x.values) if options.axes == "yx" else (x.values, y.values)


def _take_pairs(rows: Rows, column: str, options: ImportOptions) -> tuple[Floats, Floats]:
    first = None if options.axes is None else options.axes[0]
    found = parse_pairs(rows.source[column], first)
    if not found.sure:
        raise ChoiceError(
            N_("“{column}” holds two coordinates a cell, and either could be the longitude"),
            hint=N_("say which comes first"),
            about="axes",
            code="SWAPPED_AXES",
            options=[
                Option("xy", N_("longitude comes first"), "--axes xy"),
                Option("yx", N_("latitude comes first"), "--axes yx"),
            ],
            preview=rows.preview(rows.good),
            column=column,
        )
    for code in ("MISSING_COORD", "NONFINITE_COORD", "BAD_NUMBER"):
        rows.reject(found.codes == code, code, column)
    rows.reject((found.x == 0) & (found.y == 0), "NULL_ISLAND", column)
    rows.flag(found.rewritten, "REPAIRED_COORD")
    if options.axes is None:
        rows.flag(found.exchanged, "AXES_EXCHANGED")
    return found.x, found.y


def _coordinate_columns(roles: Mapping[str, str]) -> dict[str, str]:
    """Lon and lat as columns that can be named to people; both the same where one holds two numbers."""
    position = roles.get("position")
    return {role: position or roles[role] for role in ("lon", "lat")}


def _flag_conversion(rows: Rows, crs: Crs, options: ImportOptions) -> None:
    """Say of each row what was done to it; the source's columns keep it as it was written."""
    everything = np.ones(len(rows), dtype=bool)
    if options.axes == "yx":
        rows.flag(everything, "AXES_EXCHANGED")
    if crs.shifted:
        rows.flag(everything, "CRS_CONVERTED")


def place_shapes(
    rows: Rows, blobs: list[bytes | None], options: ImportOptions, file_crs: str
) -> tuple[Crs, bool]:
    """Take geometries as they came, of the types that the kind takes.

    Returns
    -------
    crs : Crs
    assumed : bool
        Whether neither the user nor the file stated it.
    """
    shapes = np.asarray(shapely.from_wkb(np.array(blobs, dtype=object), on_invalid="ignore"), dtype=object)
    gone = np.asarray(shapely.is_missing(shapes)) | np.asarray(shapely.is_empty(shapes))
    rows.reject(gone, "EMPTY_GEOMETRY", "geometry")
    bounds = shapely.bounds(shapes)
    finite = np.isfinite(bounds).all(axis=1)
    rows.reject(~gone & ~finite, "NONFINITE_COORD", "geometry")
    wanted = KINDS[options.kind]
    single = np.asarray(shapely.get_num_geometries(shapes)) == 1
    multi = np.asarray(shapely.get_type_id(shapes)) == 4
    if "MultiPoint" not in wanted:
        shapes[multi & single & finite] = shapely.get_geometry(shapes[multi & single & finite], 0)
    types = np.array([None if shape is None else shape.geom_type for shape in shapes], dtype=object)
    rows.reject(~gone & ~np.isin(types, list(wanted)), "WRONG_GEOMETRY", "geometry")
    points = types == "Point"
    rows.reject(points & (bounds[:, 0] == 0) & (bounds[:, 1] == 0), "NULL_ISLAND", "geometry")
    if options.axes == "yx":
        shapes[finite] = shapely.transform(shapes[finite], lambda xy: xy[:, ::-1])
        bounds = bounds[:, [1, 0, 3, 2]]
    stated = options.crs or system_of_file(file_crs) or None
    good = rows.good
    if not good.any():
        return parse_crs(stated or "WGS84"), stated is None
    x, y = bounds[:, 0] / 2 + bounds[:, 2] / 2, bounds[:, 1] / 2 + bounds[:, 3] / 2
    crs = _understand(x[good], y[good], stated, rows, good, by_user=options.crs is not None)
    _settle(rows, x, y, crs, options.axes, lambda: _ask_axes(x[good], y[good], rows, good, {}, crs), {})
    _flag_conversion(rows, crs, options)
    good = rows.good
    shapes[good] = shapes_to_wgs84(shapes[good], crs)
    bounds = shapely.bounds(shapes)
    inside = (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90).all(axis=1)
    rows.reject(good & ~inside, "OUT_OF_RANGE", "geometry")
    if options.kind != "boundary":  # a boundary is refused, with the place, by layers.boundaries
        _mend_again(rows, shapes)
    good = rows.good
    rows.shapes[good] = shapes[good]
    on = shapely.point_on_surface(shapes[good])
    rows.lon[good], rows.lat[good] = shapely.get_x(on), shapely.get_y(on)
    return crs, stated is None


def _needs_columns(rows: Rows, roles: Mapping[str, str], options: ImportOptions, name: str) -> None:
    if "Point" not in KINDS[options.kind]:
        raise SchemaError(
            N_("“{name}” is a table without geometries, but {kind_name} needs them"),
            hint=N_("give a GeoJSON or GeoPackage file"),
            where=name,
            code="WRONG_GEOMETRY",
            name=name,
            kind_name=options.kind,
        )
    missing = [role for role in ("lon", "lat") if role not in roles]
    pairs = coordinate_pairs([str(column) for column in rows.source.columns]) if len(missing) == 2 else []
    if len(pairs) > 1:
        raise ChoiceError(
            N_("“{name}” has {count} pairs of columns that may be longitude and latitude"),
            hint=N_("choose one"),
            about="columns",
            code="COLUMNS",
            where=name,
            options=[
                Option(f"{lon}, {lat}", f"{lon}, {lat}", as_argument({"lon": lon, "lat": lat}))
                for lon, lat in pairs
            ],
            preview=rows.preview(rows.good),
            name=name,
            count=len(pairs),
        )
    if missing:
        words = {"lon": "longitude (经度, lon)", "lat": "latitude (纬度, lat)"}
        raise SchemaError(
            N_("“{name}” has no column for {missing}"),
            hint=N_("it has: {columns}; name the columns with --lon COL --lat COL"),
            where=name,
            name=name,
            missing=" and ".join(words[role] for role in missing),
            columns=_some(rows.source.columns),
        )


def _some(names: pd.Index) -> str:
    """As many names as a person reads."""
    listed = ", ".join(str(name)[:40] for name in names[:30])
    return listed if len(names) <= 30 else f"{listed} … ({len(names)})"


def _stated_by_names(roles: Mapping[str, str]) -> str | None:
    """The system that the columns' names state, as 百度经度 or gcj02_lng do.

    Raises
    ------
    ChoiceError
        If the two names state different systems.
    """
    if "position" in roles:
        return stated_system(roles["position"])
    if not {"lon", "lat"} <= roles.keys():
        return None
    lon, lat = stated_system(roles["lon"]), stated_system(roles["lat"])
    if lon != lat:
        raise ChoiceError(
            N_("the columns “{lon}” and “{lat}” are of different coordinate systems"),
            hint=N_("name a pair that belongs together with --lon COL --lat COL, or state the system"),
            about="crs",
            code="CRS_AMBIGUOUS",
            options=[Option(one, one, f"--crs {one}") for one in (lon or "WGS84", lat or "WGS84")],
            lon=roles["lon"],
            lat=roles["lat"],
        )
    return lon


def _understand(x: Floats, y: Floats, stated: str | None, rows: Rows, good: Flags, *, by_user: bool) -> Crs:
    """The system of the coordinates: the stated one, or WGS 84 where they can be degrees."""
    degrees = (np.abs(x) <= 180) & (np.abs(y) <= 180)
    mostly = degrees.sum() >= 0.5 * len(x)
    if stated is None and not mostly:
        raise ask_crs(x, y, rows.preview(good))
    crs = parse_crs(stated or "WGS84")
    if crs.in_degrees and crs.crs is not None and not (by_user or degrees.any()):
        raise ask_crs(x, y, rows.preview(good))  # CGCS2000 in a name says no more than the datum
    if not crs.in_degrees and mostly and crs.local is None:
        raise CrsError(
            N_("the coordinates (first {x:g}, {y:g}) look like degrees, but {crs} is in metres"),
            hint=N_("state the system of longitude and latitude: WGS84, CGCS2000, GCJ-02 or BD-09"),
            where=crs.name,
            x=float(x[0]),
            y=float(y[0]),
            crs=crs.name,
        )
    question = ask_zone(x, y, crs, rows.preview(good))
    if question is not None:
        raise question
    return crs


def _settle(
    rows: Rows,
    x: Floats,
    y: Floats,
    crs: Crs,
    axes: str | None,
    question: Callable[[], ChoiceError],
    roles: Mapping[str, str],
) -> tuple[Floats, Floats]:
    """Convert, and look whether x and y are what they are taken for: in all rows, or in some.

    A row counts as swapped when it lies in China (or where its projection is meant for) only with
    x and y exchanged. Many such rows are asked about, a few are rejected: none moves in silence.
    """
    column_x, column_y = roles.get("lon", "geometry"), roles.get("lat", "geometry")
    good = rows.good
    lon, lat, home = _convert(x, y, crs, good)
    if axes is None:
        *_, turned = _convert(y, x, crs, good)
        swapped = turned & ~home
        # Eastings and northings of a town's own system may both be taken for the other.
        either = crs.local is not None and bool(roles) and not _says_axis(roles)
        if swapped.sum() > 0.5 * good.sum() or (either and (turned & home).sum() > 0.5 * good.sum()):
            raise question()
        at_home = home.sum() > 0.5 * good.sum()
        beyond = np.abs(y) > 90 if crs.in_degrees else np.ones(len(y), dtype=bool)
        rows.reject(swapped & (beyond | at_home), "SWAPPED_AXES", column_y)
    if crs.in_degrees:
        rows.reject(good & ((np.abs(x) > 180) | (np.abs(y) > 90)), "OUT_OF_RANGE", column_x)
    elif crs.zone_prefix is not None:  # another zone's easting would land some degrees away
        rows.reject(good & (np.floor(x / 1e6) != crs.zone_prefix), "OUT_OF_RANGE", column_x)
    elif crs.local is None:  # degrees among metres would land at the origin of the grid
        rows.reject(good & ~home & (np.abs(x) <= 180) & (np.abs(y) <= 180), "OUT_OF_RANGE", column_x)
    fits = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    rows.reject(good & ~fits, "OUT_OF_RANGE", column_x)
    return lon, lat


def _says_axis(roles: Mapping[str, str]) -> bool:
    names = [unicodedata.normalize("NFKC", roles[role]).casefold() for role in ("lon", "lat")]
    return all(any(word in name for word in _SAYS_AXIS) for name in names)


def _convert(x: Floats, y: Floats, crs: Crs, good: Flags) -> tuple[Floats, Floats, Flags]:
    """Longitude, latitude, and whether they lie where such coordinates are at home."""
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    lon[good], lat[good] = points_to_wgs84(x[good], y[good], crs)
    home = in_china_box(lon, lat)
    if crs.home_deg is not None:
        west, south, east, north = crs.home_deg
        home |= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return lon, lat, home & good


def _ask_axes(
    x: Floats, y: Floats, rows: Rows, good: Flags, roles: Mapping[str, str], crs: Crs
) -> ChoiceError:
    degrees = crs.in_degrees
    lon = roles.get("lon", "the first coordinate")
    lat = roles.get("lat", "the second coordinate")
    options = [
        Option("yx", N_("latitude stands in the column of the longitude"), "--axes yx")
        if degrees
        else Option("yx", N_("north stands in the column of the east (planners' X)"), "--axes yx")
    ]
    if bool((np.abs(y) <= 90).any()) if degrees else crs.zone_prefix is None:
        options.append(Option("xy", N_("the columns are right as they are"), "--axes xy"))
    return ChoiceError(
        N_("longitude and latitude look swapped: “{lon}” holds {x:g} and “{lat}” holds {y:g}")
        if degrees
        else N_("east and north may be swapped: “{lon}” holds {x:g} and “{lat}” holds {y:g}"),
        hint=N_("say which comes first"),
        about="axes",
        code="SWAPPED_AXES",
        options=options,
        preview=rows.preview(good),
        lon=lon,
        lat=lat,
        x=float(x[0]),
        y=float(y[0]),
    )


def _mend_again(rows: Rows, shapes: NDArray[Any]) -> None:
    """A shape that was whole where it was read may touch itself after rounding in another system."""
    for place in np.flatnonzero(rows.good & ~np.asarray(shapely.is_valid(shapes))):
        mended = mend(shapes[place])
        here = np.arange(len(shapes)) == place
        if mended is None:
            rows.reject(here, "INVALID_GEOMETRY", "geometry")
        else:
            shapes[place] = mended
            rows.flag(here, "REPAIRED_GEOMETRY")

"""Check every row of a table: coordinates, geometries, flags; accept it or say why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import N_, ChoiceError, Option, Phrase, SchemaError, SourceError, nearest_name
from layers.sources.columns import find_roles
from layers.sources.coordinates import (
    Crs,
    ask_crs,
    in_china_box,
    parse_crs,
    parse_numbers,
    points_to_wgs84,
    shapes_to_wgs84,
)
from layers.sources.options import KINDS, ImportOptions
from layers.sources.report import CODES, ImportReport, Notice
from layers.sources.sandbox import Answer
from layers.tables import ACCEPTED

__all__ = ["OWN_COLUMNS", "Imported", "check_rows"]

OWN_COLUMNS = tuple(ACCEPTED.columns)
_CHINA = {
    "china", "cn", "chn", "prc", "prchina", "mainlandchina", "peoplesrepublicofchina",
    "中国", "中华人民共和国",
    "hongkong", "hk", "hkg", "hongkongsar", "chinahongkong", "香港", "中国香港",
    "macau", "macao", "mo", "mac", "澳门", "中国澳门",
    "taiwan", "tw", "twn", "taiwanchina", "台湾", "中国台湾",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imported:
    """A checked table, its rejects and its account.

    Attributes
    ----------
    table : GeoDataFrame
        EPSG:4326, in source order: the source's columns as text, then source_row, lon, lat (of a
        line or polygon: of a point on it), precision and flags.
    rejects : DataFrame
        source_row, code, column, text, message.
    report : ImportReport
    roles : mapping of str to str
        Role → source column.
    options : ImportOptions
        The answers that were given.
    """

    table: gpd.GeoDataFrame
    rejects: pd.DataFrame
    report: ImportReport
    roles: Mapping[str, str]
    options: ImportOptions


@dataclass(slots=True, kw_only=True)
class _Rows:
    """The rows while they are being checked: a code of rejection, and flags, per row."""

    source: pd.DataFrame
    source_row: NDArray[np.int64]
    code: NDArray[np.object_]
    column: NDArray[np.object_]
    flags: list[set[str]]
    shapes: NDArray[np.object_]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    def reject(self, where: NDArray[np.bool_], code: str, column: str = "") -> None:
        hit = where & (self.code == "")
        self.code[hit] = code
        self.column[hit] = column

    def flag(self, where: NDArray[np.bool_], code: str) -> None:
        for place in np.flatnonzero(where & (self.code == "")):
            self.flags[place].add(code)


def check_rows(answer: Answer, options: ImportOptions, name: str, sha256: str) -> Imported:
    """Account for every record that the worker read; see `import_file`."""
    meta, arrow = answer.meta, answer.table
    columns = [str(column) for column in meta["columns"]]
    count = arrow.num_rows
    source = pd.DataFrame(
        {column: arrow[f"c{place}"].to_pylist() for place, column in enumerate(columns)}, dtype=object
    )
    source.index = pd.RangeIndex(count)
    problems = [tuple(problem) for problem in meta["problems"]]
    if meta["records"] != count + len(problems):
        raise SourceError(
            N_("“{name}” has {records} records by count, but {read} were read: nothing is taken"),
            hint=N_("check quotes and line ends, or save it again"),
            where=name,
            code="COLUMN_COUNT",
            name=name,
            records=meta["records"],
            read=count + len(problems),
        )
    if meta["records"] == 0:
        raise SourceError(
            N_("“{name}” has a header but no row"),
            hint=N_("choose a file with rows"),
            where=name,
            code="NO_ROWS",
            name=name,
        )
    own = [column for column in OWN_COLUMNS if column in columns] if meta["format"] == "GPKG" else []
    rows = _Rows(
        source=source.drop(columns=own),
        source_row=np.asarray(arrow["source_row"].to_numpy(), dtype=np.int64),
        code=np.full(count, "", dtype=object),
        column=np.full(count, "", dtype=object),
        flags=[set() for _ in range(count)],
        shapes=np.full(count, None, dtype=object),
        lon=np.full(count, np.nan),
        lat=np.full(count, np.nan),
    )
    if len(own) == len(OWN_COLUMNS):  # our own earlier import: keep where each row stood
        rows.source_row = pd.to_numeric(source["source_row"]).to_numpy(dtype=np.int64)
        rows.flags = [set(filter(None, str(text).split(";"))) for text in source["flags"]]
    stated = {**options.columns}
    stated |= {role: column for role, column in (("lon", options.lon), ("lat", options.lat)) if column}
    _known_columns(stated, list(rows.source.columns), name)
    roles = find_roles(list(rows.source.columns), stated)
    if meta["has_shapes"]:
        crs = _take_shapes(rows, arrow["shape"].to_pylist(), options, str(meta["crs"]))
    else:
        crs = _take_points(rows, roles, options, name)
    _look_around(rows, roles, assumed=not (options.crs or meta["crs"]), crs=crs, earlier=bool(own))
    if own and "precision" in source:
        precision = source["precision"]
    else:
        precision = (
            rows.source[roles["precision"]] if "precision" in roles else pd.Series("", index=source.index)
        )
    return _account(rows, problems, roles, options, meta, crs.name, sha256, precision.astype(str), name)


def _known_columns(stated: Mapping[str, str], columns: list[str], name: str) -> None:
    for role, column in stated.items():
        if column not in columns:
            near = nearest_name(column, columns)
            raise SchemaError(
                N_("“{name}” has no column “{column}” for {role}"),
                hint=N_("did you mean “{near}”?") if near else N_("it has: {columns}"),
                where=column,
                name=name,
                column=column,
                role=role,
                near=near,
                columns=", ".join(columns),
            )


def _take_points(rows: _Rows, roles: dict[str, str], options: ImportOptions, name: str) -> Crs:
    """Longitude and latitude, or easting and northing, out of two columns."""
    needs_area = "Point" not in KINDS[options.kind]
    missing = [role for role in ("lon", "lat") if role not in roles]
    if missing or needs_area:
        found = ", ".join(rows.source.columns)
        if needs_area:
            raise SchemaError(
                N_("“{name}” is a table without geometries, but {kind_name} needs them"),
                hint=N_("give a GeoJSON or GeoPackage file"),
                where=name,
                code="WRONG_GEOMETRY",
                name=name,
                kind_name=options.kind,
            )
        raise SchemaError(
            N_("“{name}” has no column for {missing}"),
            hint=N_("it has: {columns}; name the columns with --lon COL --lat COL"),
            where=name,
            name=name,
            missing=" and ".join(
                {"lon": "longitude (经度, lon)", "lat": "latitude (纬度, lat)"}[role] for role in missing
            ),
            columns=found,
        )
    x, x_code = parse_numbers(rows.source[roles["lon"]].tolist())
    y, y_code = parse_numbers(rows.source[roles["lat"]].tolist())
    for code in ("MISSING_COORD", "NONFINITE_COORD", "BAD_NUMBER"):
        rows.reject(x_code == code, code, roles["lon"])
        rows.reject(y_code == code, code, roles["lat"])
    rows.reject((x == 0) & (y == 0), "NULL_ISLAND", roles["lon"])
    if options.axes == "yx":
        x, y = y, x
    good = rows.code == ""
    if not good.any():
        return parse_crs(options.crs or "WGS84")
    preview = rows.source.loc[good].head(5).to_dict("records")
    if options.crs is None:
        degrees = (np.abs(x) <= 180) & (np.abs(y) <= 180)
        if (good & degrees).sum() < 0.5 * good.sum():
            raise ask_crs(x[good], y[good], preview)
    crs = parse_crs(options.crs or "WGS84")
    if crs.in_degrees:
        swapped = good & in_china_box(y, x) & ~in_china_box(x, y)
        if options.axes is None and swapped.sum() > 0.5 * good.sum():
            raise _ask_axes(x[good], y[good], preview, roles)
        rows.reject(good & swapped & (np.abs(y) > 90) & (options.axes is None), "SWAPPED_AXES", roles["lat"])
        rows.reject(good & ((np.abs(x) > 180) | (np.abs(y) > 90)), "OUT_OF_RANGE", roles["lon"])
    good = rows.code == ""
    lon, lat = points_to_wgs84(x[good], y[good], crs)
    rows.lon[good], rows.lat[good] = lon, lat
    unfit = np.zeros(len(good), dtype=bool)
    unfit[good] = ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    rows.reject(unfit, "OUT_OF_RANGE", roles["lon"])
    good = rows.code == ""
    rows.shapes[good] = shapely.points(rows.lon[good], rows.lat[good])
    return crs


def _ask_axes(
    x: NDArray[np.float64], y: NDArray[np.float64], preview: list[dict[str, Any]], roles: Mapping[str, str]
) -> ChoiceError:
    return ChoiceError(
        N_("longitude and latitude look swapped: “{lon}” holds {x:g} and “{lat}” holds {y:g}"),
        hint=N_("say which comes first"),
        about="axes",
        code="SWAPPED_AXES",
        options=[
            Option("yx", "latitude stands in the column of the longitude", "--axes yx"),
            Option("xy", "the columns are right as they are", "--axes xy"),
        ],
        preview=preview,
        lon=roles["lon"],
        lat=roles["lat"],
        x=float(x[0]),
        y=float(y[0]),
    )


def _take_shapes(rows: _Rows, blobs: list[bytes | None], options: ImportOptions, file_crs: str) -> Crs:
    """Geometries as they came, in WGS 84, of the types that the kind takes."""
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
    good = rows.code == ""
    crs = parse_crs(options.crs or file_crs or "WGS84")
    if good.any():
        if not (options.crs or file_crs) and (np.abs(bounds[good]) > 180).any():
            raise ask_crs(
                bounds[good][:, 0], bounds[good][:, 1], rows.source.loc[good].head(5).to_dict("records")
            )
        if options.axes == "yx":
            shapes[good] = shapely.transform(shapes[good], lambda xy: xy[:, ::-1])
        shapes[good] = shapes_to_wgs84(shapes[good], crs)
    bounds = shapely.bounds(shapes)
    inside = (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90).all(axis=1)
    rows.reject(good & ~inside, "OUT_OF_RANGE", "geometry")
    points = types == "Point"
    at_null = np.zeros(len(good), dtype=bool)
    at_null[points] = (shapely.get_x(shapes[points]) == 0) & (shapely.get_y(shapes[points]) == 0)
    rows.reject(at_null, "NULL_ISLAND", "geometry")
    if options.kind != "boundary":  # a boundary is refused, with the place, by layers.boundaries
        _repair(rows, shapes)
    good = rows.code == ""
    rows.shapes[good] = shapes[good]
    on = shapely.point_on_surface(shapes[good])
    rows.lon[good], rows.lat[good] = shapely.get_x(on), shapely.get_y(on)
    return crs


def _repair(rows: _Rows, shapes: NDArray[np.object_]) -> None:
    broken = (rows.code == "") & ~np.asarray(shapely.is_valid(shapes))
    if not broken.any():
        return
    mended = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    lost = np.asarray(shapely.is_empty(mended))
    shapes[broken] = mended
    all_lost = np.zeros(len(shapes), dtype=bool)
    all_lost[np.flatnonzero(broken)[lost]] = True
    rows.reject(all_lost, "INVALID_GEOMETRY", "geometry")
    rows.flag(broken, "REPAIRED_GEOMETRY")


def _look_around(rows: _Rows, roles: Mapping[str, str], *, assumed: bool, crs: Crs, earlier: bool) -> None:
    """Notice what is worth a word about rows that are kept."""
    everything = np.ones(len(rows.code), dtype=bool)
    if assumed and not earlier:
        rows.flag(everything, "CRS_ASSUMED")
    if crs.approximate:
        rows.flag(everything, "DATUM_APPROXIMATE")
    good = rows.code == ""
    abroad = good & ~in_china_box(rows.lon, rows.lat)
    if "country" in roles:
        plain = (
            rows.source[roles["country"]]
            .astype(str)
            .str.casefold()
            .str.replace(r"[\s.,()'’-]", "", regex=True)
        )
        named = (plain != "").to_numpy(dtype=bool)
        abroad = np.where(named, ~plain.isin(_CHINA).to_numpy(dtype=bool), abroad)
    rows.flag(abroad, "OUTSIDE_CHINA")
    if good.any():
        seen = rows.source.assign(_lon=rows.lon, _lat=rows.lat)[good]
        twice = np.zeros(len(good), dtype=bool)
        repeats = seen.duplicated(keep="first")
        if "id" in roles:
            named_ids = seen[roles["id"]].astype(str).str.strip()
            repeats |= (named_ids != "") & named_ids.duplicated(keep="first")
        twice[np.flatnonzero(good)] = repeats.to_numpy()
        rows.flag(twice, "DUPLICATE")


def _account(
    rows: _Rows,
    problems: list[tuple[int, str, str, str]],
    roles: Mapping[str, str],
    options: ImportOptions,
    meta: Mapping[str, Any],
    crs: str,
    sha256: str,
    precision: pd.Series,
    name: str,
) -> Imported:
    good = rows.code == ""
    bad = np.flatnonzero(~good)
    rejects = [
        (int(rows.source_row[place]), rows.code[place], rows.column[place], _original(rows, int(place)))
        for place in bad
    ]
    rejects = sorted(rejects + [tuple(problem) for problem in problems], key=lambda reject: reject[0])  # type: ignore[misc]
    reasons = Counter(code for _, code, _, _ in rejects)
    counts = Counter(code for place in np.flatnonzero(good) for code in rows.flags[place])
    accepted = rows.source[good].reset_index(drop=True)
    clash = {column: f"{column} (source)" for column in OWN_COLUMNS if column in accepted.columns}
    if clash:
        accepted = accepted.rename(columns=clash)
        roles = {role: clash.get(column, column) for role, column in roles.items()}
    table = gpd.GeoDataFrame(
        accepted.assign(
            source_row=rows.source_row[good],
            lon=rows.lon[good],
            lat=rows.lat[good],
            precision=precision[good].reset_index(drop=True).where(lambda text: text != "", "as given"),
            flags=[";".join(sorted(rows.flags[place])) for place in np.flatnonzero(good)],
        ),
        geometry=list(rows.shapes[good]),
        crs="EPSG:4326",
    )
    report = ImportReport(
        kind=options.kind,
        rows_in=int(meta["records"]),
        accepted=len(table),
        rejected=len(rejects),
        reasons=dict(sorted(reasons.items())),
        crs=crs,
        encoding=str(meta["encoding"]),
        layer=str(meta["layer"]),
        format=str(meta["format"]),
        warnings=tuple(Notice(code=code, count=counts[code]) for code in sorted(counts)),
        sha256=sha256,
        blank=int(meta["blank"]),
        lockdown=dict(meta["lockdown"]),
    )
    if table.empty:
        code, most = reasons.most_common(1)[0]
        raise SchemaError(
            N_("every one of the {count} rows of “{name}” is rejected, {most} of them because: {reason}"),
            hint=N_("correct the file, or state columns and coordinate system"),
            where=f"{name} row {rejects[0][0]}",
            code=code,
            count=len(rejects),
            name=name,
            most=most,
            reason=Phrase(CODES[code]),
        )
    frame = pd.DataFrame(rejects, columns=["source_row", "code", "column", "text"])
    frame["message"] = [CODES[code] for code in frame["code"]]
    return Imported(table=table, rejects=frame, report=report, roles=dict(roles), options=options)


def _original(rows: _Rows, place: int) -> str:
    cells = rows.source.iloc[place].tolist()
    return ",".join(str(cell) for cell in cells)[:500]

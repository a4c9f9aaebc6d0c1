"""Check every row of a table: coordinates, geometries, flags; accept it or say why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import N_, Phrase, SchemaError, SourceError, nearest_name
from geo.progress import Progress, tell
from layers.sources.checked import Rows
from layers.sources.columns import find_roles
from layers.sources.coordinates import Crs, in_china_box, parse_crs
from layers.sources.duplicates import Keys, find_repeats
from layers.sources.firm_table import FirmTable, begin_table, end_table
from layers.sources.locating import by_address_alone, locate_rows
from layers.sources.options import KINDS, ImportOptions
from layers.sources.placing import place_points, place_shapes, with_position
from layers.sources.position_checks import check_positions
from layers.sources.report import CODES, ImportReport, Notice
from layers.sources.stray_rows import reject_placed_totals
from layers.sources.wind import read_wind
from layers.sources.worker.parent import Answer
from layers.tables import ACCEPTED

__all__ = ["OWN_COLUMNS", "READING", "Imported", "check_rows"]

READING = N_("reading the input files")
_CHECKING = N_("checking the rows")
OWN_COLUMNS = tuple(ACCEPTED.columns)
"""Columns that every import adds. A source's column of such a name is kept as “name (source)”."""
_CHINA = {
    "china", "cn", "chn", "prc", "prchina", "mainlandchina", "peoplesrepublicofchina",
    "中国", "中国大陆", "中华人民共和国",
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
        Role → column of the table.
    renamed : mapping of str to str
        Column of the source → column of the table, where the two differ.
    options : ImportOptions
        The answers that were given.
    findings : FirmTable
        How the columns were found, what industries were taken for, which firms stand there twice.
    """

    table: gpd.GeoDataFrame
    rejects: pd.DataFrame
    report: ImportReport
    roles: Mapping[str, str]
    options: ImportOptions
    renamed: Mapping[str, str] = field(default_factory=dict)
    findings: FirmTable = field(default_factory=FirmTable)


def check_rows(
    answer: Answer, options: ImportOptions, name: str, sha256: str, progress: Progress | None = None
) -> Imported:
    """Account for every record that the worker read; see `import_file`."""
    tell(progress, 0.3, _CHECKING)
    meta, arrow = answer.meta, answer.table
    _reconcile(meta, arrow.num_rows, name)
    rows = Rows.of(answer.cells(), answer.source_rows())
    earlier = _take_up(rows) if meta["format"] == "GPKG" else None
    stated = {**options.columns}
    stated |= {role: column for role, column in (("lon", options.lon), ("lat", options.lat)) if column}
    _known_columns(stated, list(rows.source.columns), name)
    roles = find_roles(list(rows.source.columns), stated)
    roles = begin_table(rows, roles, options, has_shapes=bool(meta["has_shapes"]))
    keys = Keys(rows.source, roles)
    tell(progress, 0.4, _CHECKING)
    repaired = np.isin(arrow["source_row"].to_numpy(), meta["repaired"])
    if options.kind == "wind":
        read_wind(rows, name)
    if not KINDS[options.kind]:
        crs, assumed = Crs(name="", crs=None), False
    elif meta["has_shapes"]:
        crs, assumed = place_shapes(rows, arrow["shape"].to_pylist(), options, str(meta["crs"]))
    else:
        roles = with_position(rows, roles)
        if by_address_alone(rows, roles, options, name):
            crs, assumed = parse_crs("CGCS2000"), False
        else:
            crs, assumed = place_points(rows, roles, options, name)
        reject_placed_totals(rows)
    tell(progress, 0.6, _CHECKING)
    located = locate_rows(rows, roles, options, name)
    rows.flag(repaired, "REPAIRED_GEOMETRY")
    _look_around(rows, roles, keys, options.kind, assumed=assumed and earlier is None, crs=crs)
    tell(progress, 0.8, _CHECKING)
    findings = end_table(rows, roles, keys, options)
    tell(progress, 0.9, _CHECKING)
    precision = earlier
    if precision is None:
        precision = (
            rows.source[roles["precision"]] if "precision" in roles else pd.Series("", rows.source.index)
        )
        precision = precision.where(precision.astype(bool), crs.precision)
    precision = precision.where((located == "").to_numpy(), located.to_numpy())
    return _account(rows, roles, options, meta, crs, sha256, precision.astype(str), name, findings)


def _reconcile(meta: Mapping[str, Any], count: int, name: str) -> None:
    """Every record that an independent counter found was read or set aside with a reason."""
    read = count + len(meta["problems"])
    if meta["records"] != read:
        raise SourceError(
            N_("“{name}” has {records} records by count, but {read} were read: nothing is taken"),
            hint=N_("check quotes and line ends, or save it again"),
            where=name,
            code="COLUMN_COUNT",
            name=name,
            records=meta["records"],
            read=read,
        )
    if meta["records"] == 0:
        raise SourceError(
            N_("“{name}” has a header but no row"),
            hint=N_("choose a file with rows"),
            where=name,
            code="NO_ROWS",
            name=name,
        )


def _take_up(rows: Rows) -> pd.Series | None:
    """Our own earlier import goes on where it was: rows, flags, and what is known of the precision.

    Returns
    -------
    Series of str or None
        The precisions; None where the file is somebody else's.
    """
    if not set(OWN_COLUMNS) <= set(rows.source.columns):
        return None
    numbers = pd.to_numeric(rows.source["source_row"], errors="coerce")
    known = {code for text in rows.source["flags"].unique() for code in text.split(";") if code}
    if not known <= set(CODES) or not ((numbers >= 1) & (numbers < 2**31)).all():
        return None
    rows.source_row = numbers.to_numpy(dtype=np.int64)
    for code in sorted(known):
        own = rows.source["flags"].str.split(";").map(lambda codes, code=code: code in codes)
        rows.flag(own.to_numpy(dtype=bool), code)
    precision = rows.source["precision"]
    rows.source = rows.source.drop(columns=list(OWN_COLUMNS))
    return precision


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
                columns=", ".join(columns[:30]),
            )


def _look_around(
    rows: Rows, roles: Mapping[str, str], keys: Keys, kind: str, *, assumed: bool, crs: Crs
) -> None:
    """Notice what is worth a word about rows that are kept."""
    by_coordinates = ~(rows.flagged("LOCATED_BY_COUNTY") | rows.flagged("LOCATED_BY_CITY"))
    if assumed:
        rows.flag(by_coordinates, "CRS_ASSUMED")
    if crs.approximate:
        rows.flag(by_coordinates, "DATUM_APPROXIMATE")
    good = rows.good
    # The box around China holds neighbours too: the country's name tells them where there is one.
    abroad = good & ~in_china_box(rows.lon, rows.lat)
    if "country" in roles:
        names, own = rows.source[roles["country"]].factorize()[::-1]
        plain = names.astype(str).str.casefold().str.replace(r"[\s.,()'’-]", "", regex=True)
        foreign = (plain != "") & ~plain.isin(_CHINA)
        abroad |= np.asarray(foreign, dtype=bool)[own]
    if KINDS[kind]:
        rows.flag(abroad, "OUTSIDE_CHINA")
    check_positions(rows, roles, kind)
    rows.flag(rows.at(find_repeats(rows, keys)), "DUPLICATE")


def _account(
    rows: Rows,
    roles: Mapping[str, str],
    options: ImportOptions,
    meta: Mapping[str, Any],
    crs: Crs,
    sha256: str,
    precision: pd.Series,
    name: str,
    findings: FirmTable,
) -> Imported:
    good = rows.good
    bad = np.flatnonzero(~good)
    rejects = list(
        zip(
            rows.source_row[bad].tolist(),
            rows.code[bad].tolist(),
            rows.column[bad].tolist(),
            rows.originals(bad),
            strict=True,
        )
    )
    rejects += [(int(row), code, column, text) for row, code, column, text in meta["problems"]]
    rejects.sort(key=lambda reject: reject[0])
    reasons = Counter(code for _, code, _, _ in rejects)
    counts = Counter(rows.flag_counts())
    counts.update({code: int(count) for code, count in meta["notes"]})
    whole = rows.source.assign(**rows.added)
    names = _own_names(whole.columns)
    accepted = whole.set_axis(list(names.values()), axis=1)[good].reset_index(drop=True)
    unknown = "as given" if KINDS[options.kind] else ""
    table = gpd.GeoDataFrame(
        accepted.assign(
            source_row=rows.source_row[good],
            lon=rows.lon[good],
            lat=rows.lat[good],
            precision=precision[good].reset_index(drop=True).where(lambda text: text != "", unknown),
            flags=rows.flag_texts(good),
        ),
        geometry=rows.shapes[good],
        crs="EPSG:4326",
    )
    report = ImportReport(
        kind=options.kind,
        rows_in=int(meta["records"]),
        accepted=len(table),
        rejected=len(rejects),
        reasons=dict(sorted(reasons.items())),
        crs=crs.name,
        transformation=crs.note,
        encoding=str(meta["encoding"]),
        layer=str(meta["layer"]),
        format=str(meta["format"]),
        warnings=tuple(Notice(code=code, count=counts[code]) for code in sorted(counts)),
        sha256=sha256,
        blank=int(meta["blank"]),
        lockdown=dict(meta["lockdown"]),
    )
    if table.empty:
        raise _nothing_left(rejects, reasons, name)
    frame = pd.DataFrame(rejects, columns=["source_row", "code", "column", "text"])
    frame["message"] = [CODES[code] for code in frame["code"]]
    return Imported(
        table=table,
        rejects=frame,
        report=report,
        roles={role: names[column] for role, column in roles.items()},
        options=options,
        renamed={column: name for column, name in names.items() if column != name},
        findings=findings,
    )


def _own_names(columns: pd.Index) -> dict[str, str]:
    """Column names that neither clash with ours nor differ in case alone, which no GeoPackage can hold."""
    taken = {*OWN_COLUMNS, "geometry", "geom", "fid"}
    names: dict[str, str] = {}
    for column in map(str, columns):
        base, unique, count = column, column, 1
        if column.casefold() in taken:
            base = unique = f"{column} (source)"
        while unique.casefold() in taken:
            count += 1
            unique = f"{base}.{count}"
        taken.add(unique.casefold())
        names[column] = unique
    return names


def _nothing_left(rejects: list[tuple[int, str, str, str]], reasons: Counter[str], name: str) -> SchemaError:
    code, most = reasons.most_common(1)[0]
    return SchemaError(
        N_("every one of the {count} rows of “{name}” is rejected, {most} of them because: {reason}"),
        hint=N_("correct the file, or state columns and coordinate system"),
        where=f"{name} row {rejects[0][0]}",
        code=code,
        count=len(rejects),
        name=name,
        most=most,
        reason=Phrase(CODES[code]),
    )

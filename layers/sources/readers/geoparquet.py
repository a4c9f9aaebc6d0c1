"""GeoParquet, and plain Parquet: read batch by batch, within what a table may take."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.errors import N_, ParkError, SourceError
from layers.sources.raw import LIMITS, Problem, RawTable
from layers.sources.readers.gdal_layer import flat_shapes, value_text
from layers.sources.readers.refusals import too_large

__all__ = ["read_geoparquet"]

_BATCH = 8_192
_DEFAULT_CRS = "EPSG:4326"
"""What the specification takes where none is stated: longitude and latitude on WGS 84 (OGC:CRS84)."""
_UNWRITABLE = re.compile("[\ud800-\udfff\0]")


def read_geoparquet(path: Path) -> RawTable:
    """Read all rows of a Parquet file; its geometries where its “geo” metadata name some.

    Parameters
    ----------
    path : Path

    Raises
    ------
    SourceError
        If it is damaged, encrypted or too large, or keeps its geometries in another way than as
        well-known binary.

    Notes
    -----
    A few bytes of a Parquet file may stand for gigabytes: rows and sizes are looked at before, the
    texts are counted while they are read. The rows are counted by the footer. O(n).

    References
    ----------
    GeoParquet 1.1.0, https://geoparquet.org/releases/v1.1.0/.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            _guard(file.metadata)
            # A text that repeats stays one text: a page of a few bytes may repeat it a million times.
            texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            return _read(file)
    except (ParkError, MemoryError):
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, NotImplementedError) as error:
        raise SourceError(
            N_("the Parquet file cannot be read: {reason}"),
            hint=N_("export it again as GeoParquet"),
            reason=(str(error).strip() or type(error).__name__).splitlines()[0][:200],
        ) from None


def _guard(metadata: Any) -> None:
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    rows = sum(group.num_rows for group in groups)
    for count, limit, what in (
        (max(rows, metadata.num_rows), LIMITS.rows, "rows"),
        (metadata.num_columns, LIMITS.columns, "columns"),
    ):
        if count > limit:
            raise too_large(limit, what)
    size = sum(group.total_byte_size for group in groups)
    if size > LIMITS.inflated_mb * 1_000_000:
        raise _too_large(size)


def _read(file: Any) -> RawTable:
    geo = _geo(file.schema_arrow.metadata)
    geometry, others = _geometry_columns(geo, file.schema_arrow.names)
    names = [name for name in file.schema_arrow.names if name != geometry]
    table = RawTable(
        columns=names, rows=[], source_rows=[], shapes=None if geometry is None else [],
        records=file.metadata.num_rows, encoding="utf-8",
        format="Parquet" if geometry is None else "GeoParquet",
        crs="" if geometry is None else _crs(geo["columns"][geometry]),
    )  # fmt: skip
    taken = number = 0
    for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
        columns: list[list[str]] = []
        wrong: dict[int, str] = {}
        for name in names:
            texts, size = _texts(batch.column(name), is_shape=name in others)
            taken += size
            if taken > LIMITS.inflated_mb * 1_000_000:
                raise _too_large(taken)
            _look_over(texts, wrong, may_be_long=name in others)
            columns.append(texts)
        blobs = [None] * len(batch) if geometry is None else batch.column(geometry).to_pylist()
        rows = list(map(list, zip(*columns, strict=True))) if columns else [[] for _ in blobs]
        for place, code in wrong.items():
            text = _UNWRITABLE.sub("\ufffd", ",".join(rows[place])[:500])
            table.problems.append(Problem(source_row=number + place + 1, code=code, column="", text=text))
        kept = [place for place in range(len(blobs)) if place not in wrong]
        table.rows += [rows[place] for place in kept]
        table.source_rows += [number + place + 1 for place in kept]
        if table.shapes is not None:
            table.shapes += flat_shapes([blobs[place] for place in kept])
        number += len(blobs)
    return table


def _texts(array: Any, *, is_shape: bool) -> tuple[list[str], int]:
    """A column as texts, and how many characters they are together; a repeated text is kept once."""
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        known = [_text(value, is_shape=is_shape) for value in array.dictionary.to_pylist()]
        lengths = np.array([*map(len, known), 0], dtype=np.int64)
        places = array.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
        return [*map([*known, ""].__getitem__, places.tolist())], int(lengths[places].sum())
    texts = [_text(value, is_shape=is_shape) for value in array.to_pylist()]
    return texts, sum(map(len, texts))


def _look_over(texts: list[str], wrong: dict[int, str], *, may_be_long: bool) -> None:
    """Note rows whose cell is too long, or holds what is no character."""
    odd = {text for text in dict.fromkeys(texts) if _UNWRITABLE.search(text)}
    for place, text in enumerate(texts):
        if len(text) > LIMITS.cell_characters and not may_be_long:
            wrong.setdefault(place, "TOO_LARGE")
        elif odd and text in odd:
            wrong.setdefault(place, "UNDECODABLE_TEXT")


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return any(is_kind(kind) for is_kind in (pa.types.is_string, pa.types.is_large_string))


def _geo(metadata: dict[bytes, bytes] | None) -> dict[str, Any]:
    """The “geo” metadata; empty for a plain table."""
    if not metadata or b"geo" not in metadata:
        return {}
    geo = json.loads(metadata[b"geo"])
    if not isinstance(geo, dict) or not isinstance(geo.get("columns"), dict):
        raise SourceError(N_("the “geo” metadata are damaged"), hint=N_("export it again as GeoParquet"))
    return geo


def _geometry_columns(geo: dict[str, Any], names: list[str]) -> tuple[str | None, set[str]]:
    """The column that is the geometry, and others that hold geometries too."""
    if not geo:
        return None, set()
    known = [name for name in geo["columns"] if name in names and isinstance(geo["columns"][name], dict)]
    primary = geo.get("primary_column")
    chosen = primary if primary in known else known[0] if len(known) == 1 else None
    if chosen is None:
        raise SourceError(N_("the “geo” metadata are damaged"), hint=N_("export it again as GeoParquet"))
    for name in known:
        encoding = str(geo["columns"][name].get("encoding", "WKB"))
        if encoding.upper() != "WKB":
            raise SourceError(
                N_("the file keeps its geometries as “{encoding}”, which is not read here"),
                hint=N_("export it as GeoParquet with the encoding WKB"),
                where=name,
                encoding=encoding,
            )
    return str(chosen), set(known) - {chosen}


def _crs(column: dict[str, Any]) -> str:
    """The stated system: authority and code, or PROJJSON as text; nothing where it is said to be unknown."""
    if "crs" not in column:
        return _DEFAULT_CRS
    crs = column["crs"]
    if not isinstance(crs, dict):
        return "" if crs is None else str(crs)
    named = crs.get("id")
    if isinstance(named, dict) and named.get("authority") and named.get("code"):
        if (named["authority"], named["code"]) == ("OGC", "CRS84"):
            return _DEFAULT_CRS
        return f"{named['authority']}:{named['code']}"
    return json.dumps(crs, ensure_ascii=False)


def _text(value: Any, *, is_shape: bool) -> str:
    if is_shape and isinstance(value, bytes):
        shape = shapely.from_wkb(np.array([value], dtype=object), on_invalid="ignore")[0]
        return "" if shape is None else str(shapely.to_wkt(shape, rounding_precision=-1))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return value_text(value)


def _too_large(size: int) -> SourceError:
    return SourceError(
        N_("the file would inflate to {size:.0f} MB, more than {limit} MB"),
        hint=N_("split it"),
        code="TOO_LARGE",
        size=size / 1e6,
        limit=LIMITS.inflated_mb,
    )

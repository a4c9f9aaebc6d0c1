"""OpenStreetMap extracts (PBF): the roads of a region, or one of its layers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pyogrio
import shapely

from geo.errors import N_, ChoiceError, SourceError
from layers.sources.raw import LIMITS, Problem, RawTable
from layers.sources.readers.gdal_layer import value_text
from layers.sources.readers.refusals import no_layer, too_large, which_layer

__all__ = ["ROADS", "read_osm"]

ROADS = frozenset(
    {
        "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary",
        "secondary_link", "tertiary", "tertiary_link", "unclassified", "residential", "living_street",
        "service", "road", "track", "busway", "bus_guideway",
    }
)  # fmt: skip
"""Values of ``highway`` that a vehicle drives on; paths, stairs and roads not yet built are none."""
_LAYERS = ("points", "lines", "multipolygons")
_ROAD_TAGS = (
    "name", "highway", "ref", "oneway", "maxspeed", "lanes", "bridge", "tunnel", "layer", "junction",
    "access",
)  # fmt: skip
_TAGS = {
    "points": ("name", "place", "amenity", "railway", "aeroway", "power", "man_made", "shop", "industrial"),
    "lines": (*_ROAD_TAGS, "railway", "waterway", "power", "man_made", "aeroway"),
    "multipolygons": (
        "name", "type", "landuse", "natural", "water", "building", "industrial", "leisure", "amenity",
        "boundary", "admin_level", "place", "aeroway", "power", "man_made", "office", "shop",
    ),
}  # fmt: skip
_AREAS = (
    "aeroway,amenity,boundary,building,craft,geological,historic,landuse,leisure,military,natural,office,"
    "place,shop,sport,tourism"
)
"""A closed way with one of these keys is an area."""


def read_osm(
    path: Path, *, layer: str | None = None, kind: str | None = None, types: Sequence[str] | None = None
) -> RawTable:
    """Read the roads of an extract, or one of its layers.

    Parameters
    ----------
    path : Path
        Our reading of its tags is written beside it.
    layer : str, optional
        ``points``, ``lines`` or ``multipolygons``; asked, unless roads are wanted.
    kind : str, optional
        ``roads`` takes the ways whose ``highway`` is one of `ROADS`, and no other.
    types : sequence of str, optional
        Types of geometry that are wanted: layers that hold none of them are not proposed.

    Returns
    -------
    RawTable
        A row is a way, or a node or relation of a layer, in the order of the file. Roads whose places
        the extract does not hold are problems; those that it cuts short are noticed (``ROADS_CUT``).

    Raises
    ------
    SourceError
        If it cannot be read, holds too much, or holds the past of its objects as well.
    ChoiceError
        About the layer.

    Notes
    -----
    Roads are counted by osmium and read by GDAL. Of other layers osmium has no notion: GDAL counts
    them in a pass of its own. Every block goes through osmium first: GDAL reads on behind a list of
    latitudes that is shorter than that of the nodes. O(n).
    """
    try:
        _refuse_history(path)
        if kind == "roads" and layer is None:
            return _roads(path)
        return _layer(path, layer, set(types or ()))
    except (RuntimeError, OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise SourceError(
            N_("the extract cannot be read: {reason}"),
            hint=N_("export it again as .osm.pbf"),
            reason=" ".join(str(error).split())[:200].replace(str(path), path.name),
        ) from None


def _refuse_history(path: Path) -> None:
    """An object of such a file has several places: GDAL draws none of it."""
    if osmium.io.Reader(_extract(path), osmium.osm.NOTHING).header().has_multiple_object_versions:
        raise SourceError(
            N_("the extract holds every version of its objects, not how things are at one time"),
            hint=N_("take the state of one day out of it: osmium time-filter, or a plain .osm.pbf"),
        )


def _extract(path: Path) -> osmium.io.File:
    return osmium.io.File(str(path), "osm.pbf")


def _roads(path: Path) -> RawTable:
    nodes, left_out = _count_roads(path)
    table, ids, shapes = _read(path, "lines", areas="", where="highway IS NOT NULL")
    at = {number: place for place, number in enumerate(ids)}
    columns = ["osm_id", *_ROAD_TAGS]
    places = [table.columns.index(name) for name in columns]
    corners = shapely.get_num_coordinates(shapely.from_wkb(np.array(shapes, dtype=object)))
    roads = RawTable(
        columns=columns, rows=[], source_rows=[], format="OSM PBF", layer="lines", crs="EPSG:4326"
    )
    blobs: list[bytes | None] = []
    cut = 0
    for number, (way, count) in enumerate(nodes.items(), start=1):
        place = at.get(way)
        if place is None:  # fewer than two of its nodes are in the extract
            roads.problems.append(
                Problem(source_row=number, code="EMPTY_GEOMETRY", column="geometry", text=f"way {way}")
            )
            continue
        cut += int(corners[place]) < count
        roads.rows.append([table.rows[place][column] for column in places])
        roads.source_rows.append(number)
        blobs.append(shapes[place])
    roads.shapes = blobs
    roads.records = len(nodes)
    for code, count in (("ROADS_CUT", cut), ("WAYS_LEFT_OUT", left_out)):
        if count:
            roads.notes.append((code, count))
    return roads


def _count_roads(path: Path) -> tuple[dict[int, int], int]:
    """Ways that are roads, in the order of the file, with the number of their nodes; other highways."""
    nodes: dict[int, int] = {}
    left_out = 0
    held: Any = osmium.FileProcessor(_extract(path)).with_filter(osmium.filter.KeyFilter("highway"))
    for way in held:
        if not way.is_way():
            continue
        is_area = way.tags.get("area") == "yes" and len(way.nodes) > 1 and way.is_closed()
        if way.tags.get("highway") not in ROADS or is_area:
            left_out += 1
            continue
        nodes[way.id] = len(way.nodes)
        if len(nodes) > LIMITS.rows:
            raise too_large(LIMITS.rows, "rows")
    return nodes, left_out


def _layer(path: Path, layer: str | None, types: set[str]) -> RawTable:
    every: Any = osmium.FileProcessor(_extract(path))
    for _ in every.with_filter(osmium.filter.EntityFilter(osmium.osm.CHANGESET)):
        pass  # there are none: what counts is that each block can be read
    counts = {name: _count(path, name) for name in ((layer,) if layer in _LAYERS else _LAYERS)}
    if layer is not None and layer not in _LAYERS:
        raise no_layer(layer, _LAYERS)
    if layer is None:
        raise _which_layer(counts, types)
    if counts[layer] > LIMITS.rows:
        raise too_large(LIMITS.rows, "rows")
    table, _, shapes = _read(path, layer, areas=_AREAS)
    table.shapes = [*shapes]
    table.records = counts[layer]
    return table


def _which_layer(counts: dict[str, int], types: set[str]) -> ChoiceError:
    fits = {"points": {"Point"}, "lines": {"LineString"}, "multipolygons": {"Polygon", "MultiPolygon"}}
    names = [name for name in counts if not types or fits[name] & types]
    return which_layer(
        N_("the extract has {count} layers"),
        {name: counts[name] for name in names},
        hint=N_("choose one; its roads alone come with --as roads"),
        shown=counts,
    )


def _count(path: Path, layer: str) -> int:
    info = pyogrio.read_info(
        path, layer=layer, force_feature_count=True, CONFIG_FILE=str(_configuration(path, _AREAS))
    )
    return int(info["features"])


def _read(
    path: Path, layer: str, *, areas: str, where: str | None = None
) -> tuple[RawTable, list[int], list[bytes]]:
    """Rows of one of GDAL's layers, the numbers of their ways (of lines) and their shapes."""
    meta, arrow = pyogrio.raw.read_arrow(
        path, layer=layer, where=where, CONFIG_FILE=str(_configuration(path, areas))
    )
    columns = [str(name) for name in meta["fields"]]
    cells = [[value_text(value) for value in arrow.column(name).to_pylist()] for name in columns]
    rows = [list(row) for row in zip(*cells, strict=True)]
    table = RawTable(
        columns=columns, rows=rows, source_rows=list(range(1, len(rows) + 1)), format="OSM PBF",
        layer=layer, crs="EPSG:4326",
    )  # fmt: skip
    ids = [int(row[columns.index("osm_id")] or 0) for row in rows] if layer == "lines" else []
    shapes: list[Any] = arrow.column(meta["geometry_name"] or "wkb_geometry").to_pylist()
    return table, ids, shapes


def _configuration(path: Path, areas: str) -> Path:
    """How GDAL is to read tags, written where the worker may write."""
    lines = ["attribute_name_laundering=no", f"closed_ways_are_polygons={areas}"]
    for layer in (*_LAYERS, "multilinestrings", "other_relations"):
        tags = ",".join(_TAGS.get(layer, ("name", "type")))
        lines += [f"[{layer}]", "osm_id=yes", f"attributes={tags}", "other_tags=yes"]
    configuration = path.parent / ("areas.ini" if areas else "ways.ini")
    configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return configuration

"""DXF drawings: closed outlines become areas, open ones stay lines, every block stands in its place."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from ezdxf.document import Drawing
from ezdxf.filemanagement import read
from ezdxf.lldxf.const import DXFError
from ezdxf.lldxf.tagger import binary_tags_loader
from numpy.typing import NDArray

from geo.errors import N_, ChoiceError, Option, SourceError
from layers.sources.arguments import as_argument
from layers.sources.raw import Problem, RawTable
from layers.sources.readers.dxf_census import Census, decode_drawing, take_census, text_tags
from layers.sources.readers.dxf_shapes import Sketch, sketches
from layers.sources.readers.refusals import no_layer

__all__ = ["read_dxf"]

_ALL = "*"
"""Answer for all layers; no layer of a drawing may have that name."""
_COLUMNS = ["layer", "entity", "handle", "block", "elevation"]
_METRES = {
    1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 10: 0.9144, 14: 0.1, 15: 10.0, 16: 100.0,
}  # fmt: skip
"""$INSUNITS → metres. 0 says nothing, which most drawings do that are drawn in metres."""
_UNITS = {"m": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001, "km": 1000.0, "ft": 0.3048, "in": 0.0254}
_SAGITTA_M = 0.005
_CLOSED_M = 0.001
_AREAS, _LINES = {"Polygon", "MultiPolygon"}, {"LineString", "MultiLineString"}


def read_dxf(
    data: bytes,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    units: str | None = None,
    crs: str | None = None,
    types: Sequence[str] | None = None,
) -> RawTable:
    """Read the model space of a drawing, of text or binary.

    Parameters
    ----------
    data : bytes
    layer : str, optional
        Layer to read, ``*`` for all; asked when several hold something.
    encoding : str, optional
        Of a drawing of text; else what its header says.
    units : str, optional
        Unit of the coordinates; else what the drawing says, where its coordinates agree.
    crs : str, optional
        As the user said: only then may small coordinates be anything but degrees.
    types : sequence of str, optional
        Types of geometry that are wanted: closed outlines become areas unless only lines are.

    Returns
    -------
    RawTable
        Coordinates in metres, or in degrees. A row is an entity; rings inside a ring of the same
        layer are its holes, and belong to its row.

    Raises
    ------
    SourceError
        If it is no drawing, or its blocks come to more than may be read.
    ChoiceError
        About the layer, or the unit, or the system of coordinates that may be degrees or metres.

    Notes
    -----
    Arcs become chords that are at most 5 mm off, or a millionth of the radius. O(n log n).
    """
    census, drawing, used = _open(data, encoding)
    names = _layers(drawing, census)
    chosen = _choose(layer, names, census)
    unit = _METRES.get(int(drawing.header.get("$INSUNITS", 0)), 0.0)
    factor = _UNITS[units] if units else unit or 1.0
    drawn = [one for one in sketches(drawing, _SAGITTA_M / factor) if one.layer.casefold() in chosen]
    if len(drawn) != sum(census.drawn[name] for name in chosen):
        raise SourceError(
            N_("the drawing holds {count} entities by count, but {read} were read: nothing is taken"),
            hint=N_("save it again as DXF R2010"),
            code="COLUMN_COUNT",
            count=sum(census.drawn[name] for name in chosen),
            read=len(drawn),
        )
    factor, notes = _unit(drawn, unit, units, crs)
    table = _table(drawn, factor, names, wants=set(types or (*_AREAS, *_LINES)))
    table.layer = layer or (names[next(iter(chosen))] if len(chosen) == 1 else _ALL)
    table.encoding = used
    table.notes += [(code, len(table.rows)) for code in notes]
    if census.left_out:
        table.notes.append(("ENTITIES_LEFT_OUT", census.left_out))
    return table


def _open(data: bytes, encoding: str | None) -> tuple[Census, Any, str]:
    """The count, taken first, and the drawing."""
    try:
        if data.startswith(b"AutoCAD Binary DXF"):
            pairs = [(int(tag.code), str(tag.value)) for tag in binary_tags_loader(data)]
            census = take_census(([code for code, _ in pairs], [value for _, value in pairs]))
            return census, Drawing.load(binary_tags_loader(data)), ""
        text, used = decode_drawing(data, encoding)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        census = take_census(text_tags(text))
        return census, read(io.StringIO(text)), used
    except (DXFError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise SourceError(
            N_("the drawing is damaged: {reason}"),
            hint=N_("save it again as DXF R2010"),
            reason=str(error)[:200] or type(error).__name__,
        ) from None


def _layers(drawing: Any, census: Census) -> dict[str, str]:
    """Layers that hold something, in lower case → as the drawing spells them."""
    spelt = census.spelt | {str(one.dxf.name).casefold(): str(one.dxf.name) for one in drawing.layers}
    return {name: spelt.get(name, name) for name in sorted(census.drawn) if census.drawn[name]}


def _choose(layer: str | None, names: dict[str, str], census: Census) -> set[str]:
    if not names:
        raise SourceError(
            N_("the drawing holds no point, line or outline"),
            hint=N_("save the layer with the outlines as DXF R2010"),
            code="NO_ROWS",
        )
    if layer == _ALL:
        return set(names)
    if layer is not None:
        if layer.casefold() not in names:
            raise no_layer(layer, names.values())
        return {layer.casefold()}
    if len(names) == 1:
        return set(names)
    options = [
        Option(name, f"{name} ({census.drawn[key]})", as_argument({"layer": name}))
        for key, name in names.items()
    ]
    options.append(Option(_ALL, N_("all layers"), as_argument({"layer": _ALL})))
    raise ChoiceError(
        N_("the drawing has {count} layers"),
        hint=N_("choose one"),
        about="layer",
        code="LAYER",
        options=options,
        preview=[{"layer": name, "entities": census.drawn[key]} for key, name in list(names.items())[:5]],
        count=len(names),
    )


def _unit(
    drawn: Sequence[Sketch], stated: float, said: str | None, crs: str | None
) -> tuple[float, list[str]]:
    """Metres in a unit of the drawing, and what is to be noticed about it.

    The header's unit is what the drawing was started with, and many a drawing in metres calls itself
    one in millimetres. Where the coordinates lie on a grid of China in one of the two, that one is
    taken and noticed; else it is asked.
    """
    if said is not None:
        return _UNITS[said], []
    corners = [part for one in drawn for part in one.parts]
    xy = np.concatenate(corners)[:, :2] if corners else np.zeros((0, 2))
    xy = xy[np.isfinite(xy).all(axis=1)]
    if not len(xy):
        return stated or 1.0, []
    low, high = xy.min(axis=0), xy.max(axis=0)
    if (np.abs(xy) <= 180).all():
        return 1.0, _degrees(low, high, crs)
    if stated in (0.0, 1.0):
        return 1.0, [] if stated else ["UNITS_ASSUMED"]
    fits = [factor for factor in (1.0, stated) if _on_a_grid(np.median(xy, axis=0) * factor)]
    if len(fits) == 1:
        return fits[0], ["UNITS_ASSUMED"]
    name = next((name for name, factor in _UNITS.items() if factor == stated), f"{stated:g} m")
    options = [Option("m", N_("the numbers are metres, whatever the drawing says"), "--units m")]
    if name in _UNITS:
        options.append(Option(name, N_("the drawing's unit is right"), f"--units {name}"))
    raise ChoiceError(
        N_("the drawing says that its unit is {unit}; its coordinates run from {x:.10g}, {y:.10g}"),
        hint=N_("say which unit the coordinates are in"),
        about="units",
        code="UNITS",
        options=options,
        preview=[{"x": float(x), "y": float(y)} for x, y in xy[:5]],
        unit=name,
        x=float(low[0]),
        y=float(low[1]),
    )


def _degrees(low: NDArray[np.float64], high: NDArray[np.float64], crs: str | None) -> list[str]:
    """Numbers that can be degrees are, where they lie close together in China; else it is asked."""
    small = (high - low).max() < 5.0
    in_china = any(73 < one[0] < 136 and 3 < one[1] < 54 for one in (low, low[::-1]))
    if crs is None and not (small and in_china):
        raise ChoiceError(
            N_("the drawing's coordinates (first {x:g}, {y:g}) may be degrees, or metres of a local grid"),
            hint=N_("state the coordinate system: --crs EPSG:n"),
            about="crs",
            code="CRS_AMBIGUOUS",
            options=[Option("WGS84", N_("longitude and latitude"), "--crs WGS84")],
            preview=[{"x": float(low[0]), "y": float(low[1])}, {"x": float(high[0]), "y": float(high[1])}],
            x=float(low[0]),
            y=float(low[1]),
        )
    return []


def _on_a_grid(metres: NDArray[np.float64]) -> bool:
    """Whether a place can lie on a Gauss–Krüger grid in China, either axis first."""
    for east, north in (metres, metres[::-1]):
        zone, offset = divmod(float(east), 1e6)
        if 1.9e6 < north < 7.1e6 and 1.6e5 < offset < 8.4e5 and (zone == 0 or 13 <= zone <= 45):
            return True
    return False


def _table(drawn: Sequence[Sketch], factor: float, names: dict[str, str], *, wants: set[str]) -> RawTable:
    table = RawTable(columns=list(_COLUMNS), rows=[], source_rows=[], shapes=[], format="DXF")
    shapes: list[shapely.Geometry | None] = []
    rings: list[int] = []
    for place, one in enumerate(drawn):
        try:
            shape = _shape(one, factor, areas=bool(wants & _AREAS) or not wants & _LINES)
        except (ValueError, shapely.errors.GEOSException):
            shape = None
        if shape is not None and shape.geom_type == "Polygon" and not one.is_hatch:
            rings.append(place)
        shapes.append(shape)
    holes = _join_holes(shapes, rings, [one.layer.casefold() for one in drawn])
    blobs: list[bytes | None] = []
    for number, (one, shape) in enumerate(zip(drawn, shapes, strict=True), start=1):
        layer = names[one.layer.casefold()]
        if shape is None:
            if number - 1 not in holes:
                table.problems.append(
                    Problem(
                        source_row=number,
                        code="EMPTY_GEOMETRY",
                        column="geometry",
                        text=f"{layer},{one.entity},{one.handle},{one.block}",
                    )
                )
            continue
        heights = {float(height) for part in one.parts for height in part[:, 2]}
        height = f"{heights.pop() * factor:.10g}" if len(heights) == 1 else ""
        table.rows.append([layer, one.entity, one.handle, one.block, height if height != "0" else ""])
        table.source_rows.append(number)
        blobs.append(bytes(shapely.to_wkb(shape)))
    table.shapes = blobs
    table.records = len(drawn) - len(holes)
    if holes:
        table.notes.append(("RINGS_AS_HOLES", len(holes)))
    return table


def _shape(one: Sketch, factor: float, *, areas: bool) -> shapely.Geometry | None:
    """The entity in metres; None where it has no extent."""
    parts = [part[:, :2] * factor for part in one.parts]
    if one.is_hatch:
        rings = [shapely.Polygon(part) for part in parts if _different(part) >= 3]
        if not rings:
            return None
        area = shapely.make_valid(rings[0])
        for ring in rings[1:]:  # an outline inside another one is a hole in it
            area = shapely.symmetric_difference(area, shapely.make_valid(ring))
        return None if area.is_empty else area if areas else area.boundary
    if not parts:
        return None
    corners = parts[0]
    if one.entity == "POINT":
        return shapely.Point(corners[0])
    different = _different(corners)
    if different < 2:
        return None
    meet = np.isfinite(corners).all() and np.hypot(*(corners[0] - corners[-1])) <= _CLOSED_M
    if (one.closed or meet) and different >= 3:
        ring = corners[:-1] if meet else corners
        return shapely.Polygon(ring) if areas else shapely.LineString(np.vstack([ring, ring[:1]]))
    return shapely.LineString(corners)


def _different(corners: NDArray[np.float64]) -> int:
    """How many corners differ; for the few of one outline a set is ten times as fast as sorting them."""
    return len(set(map(tuple, corners.tolist())))


def _join_holes(shapes: list[Any], rings: list[int], layers: list[str]) -> set[int]:
    """Cut rings out of the ring of the same layer that they lie in; return those that went so.

    A ring in a hole is an area again. Rings that touch or cross each other stay apart.
    """
    holes: set[int] = set()
    for layer in sorted({layers[place] for place in rings}):
        own = [place for place in rings if layers[place] == layer and shapes[place].is_valid]
        areas = np.array([shapes[place] for place in own], dtype=object)
        outer, inner = shapely.STRtree(areas).query(areas, predicate="contains_properly")
        depth = np.bincount(inner, minlength=len(own))
        # The ring around a hole is the innermost that holds it: the one that lies deepest.
        fits = (depth[inner] % 2 == 1) & (depth[outer] == depth[inner] - 1)
        held: dict[int, list[int]] = {}
        for out, into in sorted(zip(outer[fits].tolist(), inner[fits].tolist(), strict=True)):
            held.setdefault(out, []).append(into)
        for out, inside in held.items():
            cut = shapely.Polygon(areas[out].exterior, [areas[into].exterior for into in inside])
            if cut.is_valid:
                shapes[own[out]] = cut
                for into in inside:
                    shapes[own[into]] = None
                    holes.add(own[into])
    return holes

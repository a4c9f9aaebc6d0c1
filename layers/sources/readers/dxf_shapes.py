"""Entities of a DXF drawing as points, lines and rings, every block in its place."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ezdxf.lldxf.const import DXFError
from numpy.typing import NDArray

from layers.sources.readers.dxf_census import BYLAYER, DRAWN

__all__ = ["Sketch", "sketches"]

Floats = NDArray[np.float64]
_ERRORS = (DXFError, ValueError, ArithmeticError, IndexError, TypeError, AttributeError)
"""What the library raises over an entity whose values make no shape."""
_SPLINE_FRAME = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """One entity in its place.

    Attributes
    ----------
    entity, layer, handle, block : str
        Its type, its layer, its number in the drawing and the block that it came in, if any.
    parts : list of ndarray of shape (n, 3)
        Corners in the drawing's units: one list, or of a hatch one for each outline; none where the
        entity makes no shape.
    closed : bool
        Whether the last corner is joined to the first.
    is_hatch : bool
        Whether the parts bound one area: those inside others are its holes.
    """

    entity: str
    layer: str
    handle: str
    block: str
    parts: list[Floats]
    closed: bool
    is_hatch: bool = False


def sketches(drawing: Any, sagitta: float) -> Iterator[Sketch]:
    """Draw every entity of the model space that `DRAWN` names.

    Parameters
    ----------
    drawing : ezdxf.document.Drawing
        Already counted: see `layers.sources.readers.dxf_census`.
    sagitta : float
        How far a chord may be from its arc, in the drawing's units; at most a hundredth of the radius.

    Notes
    -----
    A block is drawn once for each size that it is put in by; copies are turned and moved as arrays.
    """
    yield from _walk(drawing.modelspace(), sagitta, {}, drawing.blocks)


def _walk(layout: Any, sagitta: float, drawn: dict[Any, list[Sketch]], blocks: Any) -> Iterator[Sketch]:
    for entity in layout:
        kind = entity.dxftype()
        if kind == "INSERT":
            yield from _insert(entity, sagitta, drawn, blocks)
        elif kind in DRAWN and not (kind == "POLYLINE" and not _is_line(entity)):
            try:
                parts, closed = _draw(entity, sagitta)
            except _ERRORS:
                parts, closed = [], False
            yield Sketch(
                entity=kind,
                layer=str(entity.dxf.layer),
                handle=str(entity.dxf.handle or ""),
                block="",
                parts=[part for part in parts if len(part)],
                closed=closed,
                is_hatch=kind == "HATCH",
            )


def _is_line(polyline: Any) -> bool:
    return not (polyline.is_polygon_mesh or polyline.is_poly_face_mesh)


def _insert(insert: Any, sagitta: float, drawn: dict[Any, list[Sketch]], blocks: Any) -> Iterator[Sketch]:
    name = str(insert.dxf.name)
    block = blocks.get(name)
    if block is None:
        return
    matrix = np.array(list(insert.matrix44())).reshape(4, 4)
    size = float(np.abs(matrix[:3, :3]).max())
    step = sagitta / max(size, 1e-9)
    key = (name.casefold(), step)
    if key not in drawn:
        drawn[key] = list(_walk(block, step, drawn, blocks))
    layer = str(insert.dxf.layer)
    for offset in _offsets(insert):
        for one in drawn[key]:
            yield replace(
                one,
                layer=layer if one.layer == BYLAYER else one.layer,
                block=one.block or name,
                parts=[part @ matrix[:3, :3] + matrix[3, :3] + offset for part in one.parts],
            )


def _offsets(insert: Any) -> list[Floats]:
    """Where the copies of a block stand that is put in rows and columns; where these coincide, one."""
    dxf = insert.dxf
    rows = max(int(dxf.row_count), 1) if dxf.row_spacing else 1
    columns = max(int(dxf.column_count), 1) if dxf.column_spacing else 1
    if rows == columns == 1:
        return [np.zeros(3)]
    ocs, turn = insert.ocs(), math.radians(float(dxf.rotation))
    east = np.array(ocs.to_wcs((math.cos(turn), math.sin(turn), 0.0)).xyz) * float(dxf.column_spacing)
    north = np.array(ocs.to_wcs((-math.sin(turn), math.cos(turn), 0.0)).xyz) * float(dxf.row_spacing)
    return [row * north + column * east for row in range(rows) for column in range(columns)]


def _draw(entity: Any, sagitta: float) -> tuple[list[Floats], bool]:
    """Corners of an entity in the world's coordinates, and whether they close."""
    kind, dxf = entity.dxftype(), entity.dxf
    if kind == "POINT":
        return [_corners([dxf.location])], False
    if kind == "LINE":
        return [_corners([dxf.start, dxf.end])], False
    if kind in ("ARC", "CIRCLE"):
        start, end = (dxf.start_angle, dxf.end_angle) if kind == "ARC" else (0.0, 360.0)
        flat = _arc(dxf.center.x, dxf.center.y, float(dxf.radius), start, end, sagitta)
        return [_to_world(entity, flat, dxf.center.z)], kind == "CIRCLE"
    if kind == "LWPOLYLINE":
        flat = _bulged(np.array(entity.get_points("xyb"), dtype=float), bool(entity.closed), sagitta)
        return [_to_world(entity, flat, float(dxf.elevation))], bool(entity.closed)
    if kind == "POLYLINE":
        return _polyline(entity, sagitta)
    if kind == "HATCH":
        return _hatch(entity, sagitta), True
    curve = _corners(list(entity.flattening(_bounded(sagitta, entity))))  # ELLIPSE, SPLINE
    return [curve], len(curve) > 3 and bool(np.allclose(curve[0], curve[-1], rtol=0, atol=1e-9))


def _bounded(sagitta: float, entity: Any) -> float:
    """A chord's distance that no curve can be so large as to need millions of corners for."""
    if entity.dxftype() == "ELLIPSE":
        size = float(entity.dxf.major_axis.magnitude)
    else:
        points = np.array(list(entity.control_points) or list(entity.fit_points), dtype=float)
        size = float(np.ptp(points, axis=0).max()) if len(points) else 0.0
    return max(sagitta, 1e-6 * size)


def _corners(points: list[Any]) -> Floats:
    return np.array([(point.x, point.y, point.z) for point in points], dtype=float).reshape(-1, 3)


def _to_world(entity: Any, flat: Floats, height: float) -> Floats:
    """Corners in the entity's own plane, as they lie in the world; most planes are the world's."""
    corners = np.column_stack([flat, np.full(len(flat), height)])
    ocs = entity.ocs()
    if not ocs.transform:
        return corners
    return _corners([ocs.to_wcs(corner) for corner in corners])


def _polyline(entity: Any, sagitta: float) -> tuple[list[Floats], bool]:
    vertices = entity.vertices
    if entity.get_mode() == "AcDb2dPolyline":
        shown = [one for one in vertices if not one.dxf.flags & _SPLINE_FRAME]
        points = np.array([(*one.dxf.location.vec2, one.dxf.get("bulge", 0.0)) for one in shown], dtype=float)
        flat = _bulged(points.reshape(-1, 3), bool(entity.is_closed), sagitta)
        return [_to_world(entity, flat, float(entity.dxf.elevation.z))], bool(entity.is_closed)
    corners = [one.dxf.location for one in vertices if not one.dxf.flags & _SPLINE_FRAME]
    return [_corners(corners)], bool(entity.is_closed)


def _hatch(entity: Any, sagitta: float) -> list[Floats]:
    outlines = []
    for path in entity.paths:
        if hasattr(path, "vertices"):
            flat = _bulged(np.array(path.vertices, dtype=float).reshape(-1, 3), True, sagitta)
        else:
            flat = np.concatenate([_edge(edge, sagitta) for edge in path.edges])
        outlines.append(_to_world(entity, flat, float(entity.dxf.elevation.z)))
    return outlines


def _edge(edge: Any, sagitta: float) -> Floats:
    """An edge of a hatch's outline, in the sense in which the outline runs."""
    kind = type(edge).__name__
    if kind == "LineEdge":
        return np.array([edge.start, edge.end], dtype=float)[:, :2]
    if kind == "ArcEdge":
        flat = _arc(edge.center.x, edge.center.y, edge.radius, edge.start_angle, edge.end_angle, sagitta)
        return flat if edge.ccw else flat[::-1]
    curve = edge.construction_tool()
    size = edge.major_axis.magnitude if kind == "EllipseEdge" else 0.0
    flat = _corners(list(curve.flattening(max(sagitta, 1e-6 * size))))[:, :2]
    return flat[::-1] if kind == "EllipseEdge" and not edge.ccw else flat


def _arc(x: float, y: float, radius: float, start_deg: float, end_deg: float, sagitta: float) -> Floats:
    """Corners on an arc, counter-clockwise from start to end."""
    start = math.radians(start_deg)
    sweep = math.radians((end_deg - start_deg) % 360.0) or 2 * math.pi
    return _on_circle(x, y, radius, start, sweep, sagitta)


def _on_circle(x: float, y: float, radius: float, start: float, sweep: float, sagitta: float) -> Floats:
    if not (math.isfinite(radius) and radius > 0):
        raise ValueError(radius)
    share = min(max(sagitta / radius, 1e-6), 1e-2)
    pieces = max(2, math.ceil(abs(sweep) / (2 * math.acos(1 - share))))
    angles = start + sweep * np.linspace(0.0, 1.0, pieces + 1)
    return np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])


def _bulged(points: Floats, closed: bool, sagitta: float) -> Floats:
    """Corners of a polyline whose pieces may be arcs.

    Parameters
    ----------
    points : ndarray of shape (n, 3)
        x, y and bulge: the tangent of a quarter of the angle of the arc to the next corner, positive
        to the left.
    """
    corners, bulges = points[:, :2], points[:, 2]
    if not bulges.any():
        return corners
    pieces: list[Floats] = []
    count = len(corners)
    for place in range(count):
        here, there, bulge = corners[place], corners[(place + 1) % count], float(bulges[place])
        pieces.append(here[None])
        if (place + 1 == count and not closed) or abs(bulge) < 1e-12 or np.array_equal(here, there):
            continue
        chord = there - here
        # From the middle of the chord to the centre: (1 − b²) / 4b times the chord, turned left.
        centre = (here + there) / 2 + np.array([-chord[1], chord[0]]) * (1 - bulge * bulge) / (4 * bulge)
        start = math.atan2(here[1] - centre[1], here[0] - centre[0])
        radius = float(np.hypot(*(here - centre)))
        arc = _on_circle(centre[0], centre[1], radius, start, 4 * math.atan(bulge), sagitta)
        pieces.append(arc[1:-1])
    return np.concatenate(pieces)

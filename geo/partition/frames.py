"""Directions in which a site wants to be laid out."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.shapes import polygon_parts

__all__ = ["angle_between_deg", "edge_vectors", "frame_directions", "rotate"]

_BIN_DEG = 5.0
_ALIKE_DEG = 4.0


def frame_directions(site: BaseGeometry, lines: BaseGeometry | None = None) -> list[float]:
    """Return candidate directions of a rectangular grid, best known first.

    Parameters
    ----------
    site : Polygon or MultiPolygon
        Metres.
    lines : optional
        Existing roads; their main direction is a candidate too.

    Returns
    -------
    list of float
        Degrees in [0, 90): of the smallest rectangle around the site, of its two strongest
        edge directions, and of the existing roads, near-equals left out.

    Notes
    -----
    O(n log n) in the number of vertices.
    """
    rectangle = shapely.minimum_rotated_rectangle(site)
    found = [_strongest(edge_vectors(rectangle), 1)[0]] if rectangle.geom_type == "Polygon" else [0.0]
    outer = np.vstack([edge_vectors(shapely.Polygon(part.exterior)) for part in polygon_parts(site)])
    found += _strongest(outer, 2)
    if lines is not None and not lines.is_empty:
        found += _strongest(edge_vectors(lines), 1)
    kept: list[float] = []
    for angle in found:
        if all(abs(angle_between_deg(angle, other)) > _ALIKE_DEG for other in kept):
            kept.append(angle)
    return kept


Angle = TypeVar("Angle", float, NDArray[np.float64])


def angle_between_deg(one: Angle, other: float) -> Angle:
    """Signed difference of two grid directions, in [−45, 45)."""
    return (one - other + 45.0) % 90.0 - 45.0


def rotate(xy: NDArray[np.float64], angle_deg: float) -> NDArray[np.float64]:
    """Turn points about the origin, counter-clockwise."""
    angle = np.radians(angle_deg)
    cosine, sine = np.cos(angle), np.sin(angle)
    turned: NDArray[np.float64] = xy @ np.array([[cosine, sine], [-sine, cosine]])
    return turned


def edge_vectors(shape: BaseGeometry) -> NDArray[np.float64]:
    """Vectors along the edges of a shape, or of its outline, shape (m, 2)."""
    pieces = [
        np.diff(shapely.get_coordinates(line), axis=0)
        for line in shapely.get_parts(shape.boundary if shape.area else shape)
    ]
    return np.vstack(pieces) if pieces else np.empty((0, 2))


def _strongest(edges: NDArray[np.float64], count: int) -> list[float]:
    """Length-weighted main directions modulo 90°, degrees."""
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    edges, lengths = edges[lengths > 0], lengths[lengths > 0]
    if len(lengths) == 0:
        return [0.0]
    angles = np.degrees(np.arctan2(edges[:, 1], edges[:, 0])) % 90.0
    bins = np.round(angles / _BIN_DEG).astype(int) % int(90 / _BIN_DEG)
    weight = np.bincount(bins, weights=lengths, minlength=int(90 / _BIN_DEG))
    result = []
    for best in np.argsort(-np.round(weight, 3), kind="stable")[:count]:
        if weight[best] <= 0:
            break
        centre = best * _BIN_DEG
        offset = (angles - centre + 45.0) % 90.0 - 45.0
        near = np.abs(offset) <= _BIN_DEG
        mean = centre + float(np.average(offset[near], weights=lengths[near]))
        result.append(round(mean % 90.0, 6))
    return result

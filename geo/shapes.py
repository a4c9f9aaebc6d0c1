"""Measures of shapes and point sets: hulls, compactness, ellipse axis ratio."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry

__all__ = ["axis_ratio", "hull", "polygon_parts"]


def hull(xy: NDArray[np.float64], ratio: float, margin_m: float) -> BaseGeometry:
    """Concave hull of a point set, widened so that it has an area.

    Parameters
    ----------
    xy : ndarray of shape (n, 2)
        Metres.
    ratio : float
        0 follows the points most closely, 1 is the convex hull (`shapely.concave_hull`).
    margin_m : float
        Rounded margin around the hull, metres, greater than 0: two firms, or firms in one
        line, have an outline too.

    Returns
    -------
    Polygon or MultiPolygon

    Notes
    -----
    O(n log n): a Delaunay triangulation, from which long edges are taken off.

    References
    ----------
    Duckham, M. et al. (2008). Efficient generation of simple polygons for characterizing the
    shape of a set of points in the plane. Pattern Recognition 41, 3224–3236.
    """
    places = np.unique(xy, axis=0)
    # The sorted points make the triangulation independent of the order of the rows.
    shape = (
        shapely.concave_hull(MultiPoint(places), ratio=ratio)
        if len(places) > 3
        else MultiPoint(places).convex_hull
    )
    return shape.buffer(margin_m, quad_segs=6)


def axis_ratio(xy: NDArray[np.float64]) -> float:
    """Long over short axis of the standard deviational ellipse; 1 is round, inf a straight line.

    Parameters
    ----------
    xy : ndarray of shape (n, 2)
        Metres, n ≥ 1.

    Returns
    -------
    float
        ``nan`` where all points fall together.

    References
    ----------
    Lefever, D. W. (1926). Measuring geographic concentration by means of the standard
    deviational ellipse. American Journal of Sociology 32, 88–94.
    """
    centred = xy - xy.mean(axis=0)
    small, large = np.linalg.eigvalsh(centred.T @ centred / len(xy))
    if large <= 1e-9:
        return math.nan
    return math.inf if small <= 1e-12 * large else float(math.sqrt(large / small))


def polygon_parts(shape: BaseGeometry) -> list[BaseGeometry]:
    """Polygons of any geometry, empty ones left out."""
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]

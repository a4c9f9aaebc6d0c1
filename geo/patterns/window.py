"""Points and the study window that they are judged in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, GeometryError, InfeasibleError
from geo.progress import Progress

__all__ = ["Floats", "Progress", "Window", "as_points", "as_weights", "points_inside", "repeated"]

Floats = NDArray[np.float64]


def as_points(xy: ArrayLike) -> Floats:
    """Return coordinates as an array of shape (n, 2), or say how many are missing.

    Raises
    ------
    GeometryError
        If a coordinate is not a finite number.
    """
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    missing = int((~np.isfinite(points)).any(axis=1).sum())
    if missing:
        raise GeometryError(
            N_("{count} of {total} points have no coordinates"),
            hint=N_("locate them, or leave them out and say how many"),
            count=missing,
            total=len(points),
        )
    return points


def as_weights(weights: ArrayLike | None, count: int) -> Floats:
    """Return one weight a point, 1 where none are given.

    Raises
    ------
    InfeasibleError
        If a weight is negative or unknown, or their number is not that of the points.
    """
    if weights is None:
        return np.ones(count)
    weight = np.asarray(weights, dtype=np.float64).reshape(-1)
    if len(weight) != count or not np.isfinite(weight).all() or (weight < 0).any():
        raise InfeasibleError(
            N_("weights must be {count} known numbers that are not negative"),
            hint=N_("leave out firms without this figure, or use no weights"),
            count=count,
        )
    return weight


def repeated(points: Floats) -> int:
    """Number of points at a place that an earlier point has already."""
    return len(points) - len(np.unique(points, axis=0))


@dataclass(frozen=True)
class Window:
    """Study window: where points could be.

    Parameters
    ----------
    shape : Polygon or MultiPolygon
        Metres; holes count as outside.
    """

    shape: BaseGeometry

    @classmethod
    def of(cls, window: Window | BaseGeometry | tuple[float, float, float, float]) -> Window:
        """Take a window, a polygon, or a rectangle (west, south, east, north) in metres.

        Raises
        ------
        GeometryError
            If it is no valid area.
        """
        if isinstance(window, Window):
            return window
        shape = box(*window) if isinstance(window, tuple) else window
        if shape.geom_type not in {"Polygon", "MultiPolygon"} or not shape.is_valid or not shape.area > 0:
            raise GeometryError(
                N_("the study window must be a valid area"), hint=N_("draw it again, without crossing lines")
            )
        # Right-handed rings: outer ones run against the clock, so an edge knows its inside.
        return cls(shapely.orient_polygons(shape))

    @property
    def area_m2(self) -> float:
        """Area, m²."""
        return float(self.shape.area)

    @property
    def perimeter_m(self) -> float:
        """Length of all rings, holes included, metres."""
        return float(self.shape.length)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north, metres."""
        west, south, east, north = self.shape.bounds
        return west, south, east, north

    @cached_property
    def is_rectangle(self) -> bool:
        """Whether the window fills its own bounds."""
        west, south, east, north = self.bounds
        return bool(abs(self.area_m2 - (east - west) * (north - south)) <= 1e-12 * self.area_m2)

    @cached_property
    def edges(self) -> Floats:
        """Directed edges with the inside on their left, shape (m, 4): from x, y to x, y."""
        if self.is_rectangle:
            west, south, east, north = self.bounds
            rings = [np.array([(west, south), (east, south), (east, north), (west, north), (west, south)])]
        else:
            rings = [
                shapely.get_coordinates(ring)
                for part in shapely.get_parts(self.shape)
                for ring in (part.exterior, *part.interiors)
            ]
        return np.concatenate([np.column_stack([ring[:-1], ring[1:]]) for ring in rings])

    def contains(self, points: Floats) -> NDArray[np.bool_]:
        """Whether points lie in the window or on its edge."""
        if self.is_rectangle:
            west, south, east, north = self.bounds
            x, y = points.T
            return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))
        shapely.prepare(self.shape)
        return np.asarray(shapely.intersects_xy(self.shape, points[:, 0], points[:, 1]))

    def border_distance(self, points: Floats) -> Floats:
        """Distance of points inside to the nearest edge, metres."""
        if self.is_rectangle:
            west, south, east, north = self.bounds
            x, y = points.T
            return np.asarray(np.minimum.reduce([x - west, east - x, y - south, north - y]))
        return np.asarray(shapely.distance(self.shape.boundary, shapely.points(points)))

    def sample(self, count: int, chance: np.random.Generator) -> Floats:
        """`count` points, uniform and independent (CSR with a fixed number), shape (count, 2)."""
        west, south, east, north = self.bounds
        share = self.area_m2 / ((east - west) * (north - south))
        found = np.empty((0, 2))
        while len(found) < count:
            more = int((count - len(found)) / share * 1.1) + 10
            tried = chance.uniform((west, south), (east, north), (more, 2))
            found = np.concatenate([found, tried if self.is_rectangle else tried[self.contains(tried)]])
        return found[:count]


def points_inside(
    xy: ArrayLike, window: Window | BaseGeometry | tuple[float, float, float, float]
) -> tuple[Floats, Window, int]:
    """Points in a window, the window, and how many points lie outside and are left out."""
    points, area = as_points(xy), Window.of(window)
    inside = area.contains(points)
    return points[inside], area, int((~inside).sum())

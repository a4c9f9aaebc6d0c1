"""The site as the layout sees it: near the origin, with what may not be built on known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

__all__ = ["CLASSES", "Ground"]

CLASSES = ("arterial", "collector", "local")
"""Names of the road classes, by rank."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """A site, metres, moved by a whole number of metres so that coordinates are small.

    Attributes
    ----------
    origin : ndarray of shape (2,)
        What was taken off.
    site, land, water, excluded, kept : geometries
        `land` is the site less water and exclusions; `kept` are buildings that stay.
    roads : tuple of (LineString, rank)
        Existing roads inside the site.
    gates : tuple of Point
        On the outline.
    gate_kinds : tuple of str
    housing : geometry or None
        None when it is not known.
    given : tuple of str
        Names of the inputs that were given.
    """

    origin: NDArray[np.float64]
    site: BaseGeometry
    land: BaseGeometry
    water: BaseGeometry
    excluded: BaseGeometry
    kept: BaseGeometry
    roads: tuple[tuple[LineString, int], ...]
    gates: tuple[Point, ...]
    gate_kinds: tuple[str, ...]
    housing: BaseGeometry | None
    given: tuple[str, ...]

    def back(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Move shapes to where they belong."""
        origin = self.origin
        moved: NDArray[np.object_] = np.asarray(
            shapely.transform(shapes, lambda xy: xy + origin), dtype=object
        )
        return moved

"""Distance to the nearest neighbour, and Clark and Evans' index of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, InfeasibleError
from geo.patterns.window import Floats, Window, as_points, points_inside, repeated

__all__ = ["ClarkEvans", "clark_evans", "nearest_distances"]


def nearest_distances(xy: ArrayLike, k: int = 1) -> Floats:
    """Distance of each point to its k-th nearest other point, metres.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        Metres. Another point at the same place is a neighbour at distance 0.
    k : int
        1 is the nearest.

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    InfeasibleError
        If there are not more than k points.

    Notes
    -----
    k-d tree over distinct places, O(m log m); points at one place are counted, not searched.
    """
    points = as_points(xy)
    if len(points) <= k:
        raise InfeasibleError(
            N_("{count} located firms have no neighbour of rank {rank}"),
            hint=N_("locate more firms, or choose a wider industry"),
            code="TOO_FEW",
            count=len(points),
            rank=k,
        )
    places, where, counts = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    distances, found = cKDTree(places).query(places, k=min(k + 1, len(places)))
    distances, found = distances.reshape(len(places), -1), found.reshape(len(places), -1)
    # The k-th other point: walk outward until the places hold k points beside oneself.
    rank = (np.cumsum(counts[found], axis=1) - 1 >= k).argmax(axis=1)
    return np.asarray(distances[np.arange(len(places)), rank][where.reshape(-1)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarkEvans:
    """Index R with what went into it.

    Attributes
    ----------
    ratio : float
        Mean distance over the expected one: below 1 clustered, above 1 regular, against CSR.
    z, p_value : float
        Normal score and its two-sided p.
    mean_m, expected_m, standard_error_m : float
        Metres.
    points, outside, duplicates : int
        Points used, left out outside the window, and found at the place of an earlier point
        (kept with ``duplicates="keep"``, dropped with ``"once"``).
    area_m2 : float
        Area of the window, which the answer depends on.
    correction : str
        Convention used.
    """

    ratio: float
    z: float
    p_value: float
    mean_m: float
    expected_m: float
    standard_error_m: float
    points: int
    outside: int
    duplicates: int
    area_m2: float
    correction: str


def clark_evans(
    xy: ArrayLike,
    window: Window | BaseGeometry | tuple[float, float, float, float],
    *,
    correction: Literal["naive", "donnelly"] = "donnelly",
    donnelly_constant: float = 0.0412,
    duplicates: Literal["keep", "once"] = "keep",
) -> ClarkEvans:
    """Clark and Evans' index of nearest neighbours.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        Metres.
    window : polygon, or (west, south, east, north)
        Study window, metres.
    correction : {"naive", "donnelly"}
        ``naive``: expected ½√(A/n), SE 0.26136/√(n²/A). ``donnelly``: expected
        ½√(A/n) + (0.0514 + c/√n) P/n, SE √(0.0703 A/n² + 0.037 P √(A/n⁵)), with the perimeter P;
        fitted by simulation for rectangles, so only a guide for winding borders.
    donnelly_constant : float
        c above: 0.0412 in spatstat and Donnelly, 0.041 in many texts.
    duplicates : {"keep", "once"}
        ``keep``: firms at one place are neighbours at distance 0; ``once``: a place counts once.

    Raises
    ------
    InfeasibleError
        With fewer than 2 points in the window.

    Notes
    -----
    R below 1 says that points are not CSR, which firms in towns never are.

    References
    ----------
    Clark, P. J. & Evans, F. C. (1954). Ecology 35, 445–453.
    Donnelly, K. (1978). Simulations to determine the variance and edge effect of total
    nearest-neighbour distance. In Hodder (ed.), Simulation Methods in Archaeology, 91–95.
    """
    points, area, outside = points_inside(xy, window)
    again = repeated(points)
    if duplicates == "once":
        points = np.unique(points, axis=0)
    mean = float(nearest_distances(points).mean())
    n, a, perimeter = len(points), area.area_m2, area.perimeter_m
    if correction == "naive":
        expected = 0.5 * math.sqrt(a / n)
        error = 0.26136 / math.sqrt(n * n / a)
    else:
        expected = 0.5 * math.sqrt(a / n) + (0.0514 + donnelly_constant / math.sqrt(n)) * perimeter / n
        error = math.sqrt(0.0703 * a / n**2 + 0.037 * perimeter * math.sqrt(a / n**5))
    z = (mean - expected) / error
    return ClarkEvans(
        ratio=mean / expected,
        z=z,
        p_value=math.erfc(abs(z) / math.sqrt(2)),
        mean_m=mean,
        expected_m=expected,
        standard_error_m=error,
        points=n,
        outside=outside,
        duplicates=again,
        area_m2=a,
        correction=correction,
    )

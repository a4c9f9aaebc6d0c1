"""Plane and seven-parameter transformations between survey systems, given or fitted to control points.

Two models, both linear in what is looked for, so that a fit is one least-squares solution without
starting values:

* plane similarity (four parameters): shift, rotation and scale between two planes;
* Bursa–Wolf (seven parameters): shift, three small rotations and scale between two geocentric frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import N_, CrsError

__all__ = [
    "CONVENTIONS",
    "BursaWolf",
    "Convention",
    "Fit",
    "PlaneSimilarity",
    "fit_bursa_wolf",
    "fit_plane_similarity",
]

Floats = NDArray[np.float64]
Convention = Literal["position_vector", "coordinate_frame"]
CONVENTIONS: tuple[Convention, ...] = ("position_vector", "coordinate_frame")
_ARCSEC = math.pi / 180 / 3600
_LEAST_SPREAD_M, _FLATTEST = 10.0, 1e-3
"""Control points nearer than this to each other are one point; a flatter triangle is a line."""
_OUTLIER_CHANCE, _LEAST_OUTLIER_M = 1e-3, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneSimilarity:
    """Four parameters between two planes.

    Notes
    -----
    With rotation r, anticlockwise positive as seen with x to the east and y to the north::

        x' = shift_x + scale (x cos r − y sin r)
        y' = shift_y + scale (x sin r + y cos r)

    Attributes
    ----------
    shift_x_m, shift_y_m : float
    scale : float
    rotation_deg : float
    """

    shift_x_m: float
    shift_y_m: float
    scale: float = 1.0
    rotation_deg: float = 0.0

    def apply(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
        """Carry coordinates of the first plane over to the second; O(n)."""
        x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
        turn = math.radians(self.rotation_deg)
        a, b = self.scale * math.cos(turn), self.scale * math.sin(turn)
        return self.shift_x_m + a * x - b * y, self.shift_y_m + b * x + a * y

    def undo(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
        """Carry coordinates of the second plane back to the first; O(n)."""
        x = np.asarray(x_m, dtype=np.float64) - self.shift_x_m
        y = np.asarray(y_m, dtype=np.float64) - self.shift_y_m
        turn = math.radians(self.rotation_deg)
        a, b = math.cos(turn) / self.scale, math.sin(turn) / self.scale
        return a * x + b * y, a * y - b * x


@dataclass(frozen=True, slots=True, kw_only=True)
class BursaWolf:
    """Seven parameters between two geocentric frames, in metres, arc seconds and parts per million.

    Notes
    -----
    ``position_vector`` (EPSG method 1033): positive rotations turn the point. ``coordinate_frame``
    (EPSG 1032): they turn the axes, so the same numbers with the other sign. Rotations are small:
    the matrix is the linear one of both methods.

    Attributes
    ----------
    shift_m : tuple of 3 float
    rotation_arcsec : tuple of 3 float
        About the x, y and z axes.
    scale_ppm : float
    convention : {"position_vector", "coordinate_frame"}
    """

    shift_m: tuple[float, float, float]
    rotation_arcsec: tuple[float, float, float]
    scale_ppm: float
    convention: Convention

    def apply(self, xyz_m: ArrayLike) -> Floats:
        """Carry geocentric coordinates, shape (n, 3), over to the other frame; O(n)."""
        xyz = np.asarray(xyz_m, dtype=np.float64)
        sign = 1.0 if self.convention == "position_vector" else -1.0
        turn = sign * _ARCSEC * np.asarray(self.rotation_arcsec)
        return np.asarray(self.shift_m) + (1 + self.scale_ppm * 1e-6) * (xyz + np.cross(turn, xyz))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How well a transformation meets its control points.

    Attributes
    ----------
    residuals_m : tuple of n float
        Distance from each control point as given to where the transformation puts it.
    rms_m : float
        Root of the mean square of these distances.
    """

    residuals_m: tuple[float, ...]
    rms_m: float


def fit_plane_similarity(
    source_m: ArrayLike, target_m: ArrayLike, names: Sequence[str] = ()
) -> tuple[PlaneSimilarity, Fit]:
    """Fit shift, rotation and scale to points that are known in both planes.

    Parameters
    ----------
    source_m, target_m : array of shape (n, 2)
        The same n ≥ 2 points in both planes, metres.
    names : sequence of n str, optional
        What the points are called in messages; else they are numbered from 1.

    Returns
    -------
    PlaneSimilarity
    Fit

    Raises
    ------
    CrsError
        If there are fewer than two points, they coincide, or one of them contradicts the others.

    Notes
    -----
    O(n). Least squares about the centres of gravity, where it has a closed form. From four points on,
    a wrong one is looked for by the mean-shift test.

    References
    ----------
    Umeyama (1991), IEEE TPAMI 13(4), 376-380. Cook & Weisberg (1982), Residuals and Influence in
    Regression, 20-22.
    """
    source, target = _pairs(source_m, target_m, 2)
    names = _names(names, len(source))
    _check_count(len(source), 2)
    _check_spread(source)
    _check_spread(target)

    def solve(source: Floats, target: Floats) -> PlaneSimilarity:
        here, there = source.mean(axis=0), target.mean(axis=0)
        first = (source - here) @ [1, 1j]
        second = (target - there) @ [1, 1j]
        factor = complex(np.vdot(first, second) / np.vdot(first, first).real)
        shift = complex(there @ [1, 1j]) - factor * complex(here @ [1, 1j])
        return PlaneSimilarity(
            shift_x_m=shift.real,
            shift_y_m=shift.imag,
            scale=abs(factor),
            rotation_deg=math.degrees(math.atan2(factor.imag, factor.real)),
        )

    def errors(found: PlaneSimilarity, source: Floats, target: Floats) -> Floats:
        return np.column_stack(found.apply(source[:, 0], source[:, 1])) - target

    found = solve(source, target)
    if len(source) >= 4:
        _name_outlier(source, target, solve, errors, names, unknowns=4)
    return found, _fit(errors(found, source, target))


def fit_bursa_wolf(
    source_m: ArrayLike,
    target_m: ArrayLike,
    names: Sequence[str] = (),
    convention: Convention = "position_vector",
) -> tuple[BursaWolf, Fit]:
    """Fit seven parameters to points that are known in both geocentric frames.

    Parameters
    ----------
    source_m, target_m : array of shape (n, 3)
        The same n ≥ 3 points in both frames, metres.
    names : sequence of n str, optional
        What the points are called in messages; else they are numbered from 1.
    convention : {"position_vector", "coordinate_frame"}
        How the rotations are to be written.

    Returns
    -------
    BursaWolf
    Fit

    Raises
    ------
    CrsError
        If there are fewer than three points, they coincide or lie on one line, or one of them
        contradicts the others.

    Notes
    -----
    O(n). Scale and scaled rotations are found about the centres of gravity, which takes away most of
    the correlation that a small area causes between shift and rotation; the shift follows.

    References
    ----------
    Wolf (1963), Bulletin Géodésique 70, 53-66. IOGP Guidance Note 7-2, methods 1032 and 1033.
    """
    source, target = _pairs(source_m, target_m, 3)
    names = _names(names, len(source))
    _check_count(len(source), 3)
    _check_spread(source)
    _check_spread(target)
    if _on_a_line(source):
        raise CrsError(
            N_("the control points lie on one line: seven parameters cannot be found from them"),
            hint=N_("add a control point beside the line, or use a plane fit"),
        )

    def solve(source: Floats, target: Floats) -> BursaWolf:
        here, there = source.mean(axis=0), target.mean(axis=0)
        x, y, z = (source - here).T
        none = np.zeros_like(x)
        # Columns: scale, and the three scaled rotations of the cross product q × x.
        design = np.stack(
            [
                np.stack([x, none, z, -y], axis=1),
                np.stack([y, -z, none, x], axis=1),
                np.stack([z, y, -x, none], axis=1),
            ],
            axis=1,
        ).reshape(-1, 4)
        unknown, *_ = np.linalg.lstsq(design, (target - there).reshape(-1), rcond=None)
        scale, turned = float(unknown[0]), unknown[1:]
        shift = there - scale * here - np.cross(turned, here)
        rotation = turned / scale / _ARCSEC * (1 if convention == "position_vector" else -1)
        return BursaWolf(
            shift_m=_three(shift),
            rotation_arcsec=_three(rotation),
            scale_ppm=(scale - 1) * 1e6,
            convention=convention,
        )

    def errors(found: BursaWolf, source: Floats, target: Floats) -> Floats:
        return found.apply(source) - target

    found = solve(source, target)
    if len(source) >= 4:
        _name_outlier(source, target, solve, errors, names, unknowns=7)
    return found, _fit(errors(found, source, target))


def _three(values: Floats) -> tuple[float, float, float]:
    x, y, z = map(float, values)
    return x, y, z


def _pairs(source: ArrayLike, target: ArrayLike, width: int) -> tuple[Floats, Floats]:
    first, second = np.asarray(source, dtype=np.float64), np.asarray(target, dtype=np.float64)
    first, second = first.reshape(-1, width), second.reshape(-1, width)
    if len(first) != len(second) or not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise CrsError(N_("each control point needs finite coordinates in both systems"))
    return first, second


def _names(names: Sequence[str], count: int) -> list[str]:
    return list(names) if len(names) == count else [str(number) for number in range(1, count + 1)]


def _check_count(count: int, least: int) -> None:
    if count < least:
        raise CrsError(
            N_("{count} control points are too few: at least {least} are needed"),
            hint=N_("add control points that are known in both systems"),
            count=count,
            least=least,
        )


def _check_spread(points: Floats) -> None:
    if np.linalg.norm(points - points.mean(axis=0), axis=1).max() < _LEAST_SPREAD_M:
        raise CrsError(
            N_("the control points coincide: all lie within {least:g} m of one place"),
            hint=N_("choose control points that surround the area"),
            least=_LEAST_SPREAD_M,
        )


def _on_a_line(points: Floats) -> bool:
    across = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(across[1] < max(_FLATTEST * across[0], _LEAST_SPREAD_M / 2))


def _fit(errors: Floats) -> Fit:
    lengths = np.linalg.norm(errors, axis=1)
    return Fit(residuals_m=tuple(map(float, lengths)), rms_m=float(np.sqrt(np.mean(lengths**2))))


def _name_outlier(
    source: Floats,
    target: Floats,
    solve: Callable[[Floats, Floats], Any],
    errors: Callable[[Any, Floats, Floats], Floats],
    names: Sequence[str],
    *,
    unknowns: int,
) -> None:
    """Refuse a point without which the others agree far better than chance would have it.

    The F test of the mean-shift model, Bonferroni corrected; what is below some centimetres is let
    pass, since no plan is drawn that fine.
    """
    from scipy.special import fdtrc

    count, width = source.shape
    everything = float((errors(solve(source, target), source, target) ** 2).sum())
    free = (count - 1) * width - unknowns
    worst, worst_m, worst_rest, least = "", 0.0, 0.0, 1.0
    for place in range(count):
        others = np.arange(count) != place
        if _lost_without(source[others], width):
            continue
        found = solve(source[others], target[others])
        rest = float((errors(found, source[others], target[others]) ** 2).sum())
        away = float(np.linalg.norm(errors(found, source[~others], target[~others])))
        statistic = ((everything - rest) / width) / max(rest / free, 1e-12)
        chance = float(fdtrc(width, free, max(statistic, 0.0))) * count
        if chance < least or (chance == least and away > worst_m):
            worst, worst_m, least = names[place], away, chance
            worst_rest = math.sqrt(rest / (count - 1))
    if least < _OUTLIER_CHANCE and worst_m > _LEAST_OUTLIER_M:
        raise CrsError(
            N_(
                "control point “{point}” lies {away:.2f} m off where the others put it; "
                "they agree to {rest:.3f} m"
            ),
            hint=N_("correct its coordinates, or leave it out"),
            point=worst,
            away=worst_m,
            rest=worst_rest,
        )


def _lost_without(rest: Floats, width: int) -> bool:
    """Whether the other points alone carry no solution."""
    spread = np.linalg.norm(rest - rest.mean(axis=0), axis=1).max()
    return bool(spread < _LEAST_SPREAD_M or (width == 3 and _on_a_line(rest)))

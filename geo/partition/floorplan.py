"""The problem of a floorplan: atoms, labels, wishes, and what an assignment of labels costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_PIECES", "Cost", "Floorplan", "Weights", "bits"]

MOST_PIECES = 3
"""No label may be in more pieces, on however many banks."""
_MISSING, _PIECE, _BANK = 60.0, 20.0, 6.0
_BAND, _EXACT = 0.06, 0.006
"""A label's area may be off its target by this share of it, and of the whole, at no cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What counts how much in the cost; larger is more important."""

    share: float = 4.0
    compact: float = 2.5
    cut: float = 1.6
    suitability: float = 0.8
    apart: float = 6.0
    together: float = 2.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Floorplan:
    """A problem: atoms, labels, wishes.

    Attributes
    ----------
    area_m2 : ndarray of shape (n,)
        Net area of each atom.
    uv : ndarray of shape (n, 2)
        Centres in the frame's axes, metres.
    bank : ndarray of shape (n,)
        Which bank each atom lies on, from 0: nothing links atoms of two, or hardly anything.
    pairs, border_m, arterial : ndarrays of shapes (m, 2), (m,), (m,)
        Neighbours, the length of their border, its share on an arterial.
    near, near_m : ndarrays of shapes (l, 2), (l,)
        Pairs that have no border but look at each other across a narrow gap, and along what length:
        they count only where labels must be apart.
    linked : ndarray of shape (k, 2)
        Pairs that make one piece.
    target : ndarray of shape (K,)
        Wanted shares, sum 1.
    suitability : ndarray of shape (n, K)
        0–1.
    allowed : ndarray of shape (n, K), bool
    together : ndarray of shape (K, K)
        How much two labels want to touch, symmetric, 0 or more.
    apart : ndarray of shape (K, K), bool
        Labels that must not touch.
    max_pieces : ndarray of shape (K,)
        On one bank; a label that lies on several may have one more on each further one.
    weights : Weights
    """

    area_m2: NDArray[np.float64]
    uv: NDArray[np.float64]
    bank: NDArray[np.int64]
    pairs: NDArray[np.int64]
    border_m: NDArray[np.float64]
    arterial: NDArray[np.float64]
    near: NDArray[np.int64]
    near_m: NDArray[np.float64]
    linked: NDArray[np.int64]
    target: NDArray[np.float64]
    suitability: NDArray[np.float64]
    allowed: NDArray[np.bool_]
    together: NDArray[np.float64]
    apart: NDArray[np.bool_]
    max_pieces: NDArray[np.int64]
    weights: Weights


class Cost:
    """The cost of an assignment; everything that does not change is computed once.

    Parameters
    ----------
    plan : Floorplan
    slack : float
        A label's area may be off its target by this share of the whole, at most, at no cost.
    """

    def __init__(self, plan: Floorplan, slack: float = _EXACT) -> None:
        self.plan = plan
        self.count = len(plan.target)
        self.total = float(plan.area_m2.sum())
        self.scale = math.sqrt(self.total)
        self.near = _masks(plan.linked, len(plan.area_m2))
        self.banks = [
            sum(1 << int(place) for place in np.flatnonzero(plan.bank == bank))
            for bank in np.unique(plan.bank)
        ]
        self.i, self.j = plan.pairs[:, 0], plan.pairs[:, 1]
        self.cut = plan.border_m * (1.3 - 0.7 * plan.arterial)
        self.moments = np.column_stack(
            [
                plan.area_m2,
                plan.area_m2 * plan.uv[:, 0],
                plan.area_m2 * plan.uv[:, 1],
                plan.area_m2 * (plan.uv**2).sum(axis=1) + plan.area_m2**2 / 6,
            ]
        )
        self.band = np.minimum(_BAND * plan.target, slack)
        self.rows = np.arange(len(plan.area_m2))
        self.apart = np.argwhere(np.triu(plan.apart, 1))
        self.together = np.argwhere(np.triu(plan.together, 1) > 0)
        self.wish = plan.together[self.together[:, 0], self.together[:, 1]]
        self.loose = np.where(plan.max_pieces > 1, 0.25, 1.0)
        self.weighted = plan.suitability * plan.area_m2[:, None]
        self.barred = np.where(plan.allowed, 0.0, plan.area_m2[:, None])
        self.nothing = np.zeros((self.count, self.count))
        self.side = 0.75 * math.sqrt(self.total / max(len(plan.area_m2), 1))

    def __call__(self, labels: NDArray[np.int64]) -> float:
        """Return the cost of an assignment; smaller is better."""
        plan, count, weights = self.plan, self.count, self.plan.weights
        one, two = labels[self.i], labels[self.j]
        differ = np.flatnonzero(one != two)
        cut = float(self.cut[differ].sum()) / self.scale
        touch = self.touch(one[differ], two[differ], plan.border_m[differ])
        area, u, v, second = (
            np.bincount(labels, weights=self.moments[:, column], minlength=count) for column in range(4)
        )
        off = np.maximum(0.0, np.abs(area / self.total - plan.target) - self.band)
        share = float((off * off * 2e3 + off * 8).sum())
        safe = np.maximum(area, 1.0)
        inertia = second - (u * u + v * v) / safe
        spread = np.maximum(0.0, inertia * 6 / safe**2 - 1) * (0.5 + area / self.total) * self.loose
        suit = float(
            (np.bincount(labels, weights=self.weighted[self.rows, labels], minlength=count) / safe).sum()
        )
        apart = together = 0.0
        if len(self.apart):
            border = (touch + self.across(labels))[self.apart[:, 0], self.apart[:, 1]]
            apart = float(((border > 1.0) * (1 + border / self.scale)).sum())
        if len(self.together):
            border = touch[self.together[:, 0], self.together[:, 1]]
            together = float((self.wish * np.maximum(0.0, 1 - border / self.side)).sum())
        bad = float(self.barred[self.rows, labels].sum()) / self.total * 100
        return (
            weights.share * share
            + weights.compact * float(spread.sum())
            + weights.cut * cut
            - weights.suitability * suit / count * 10
            + weights.apart * apart
            + weights.together * together
            + 3.0 * bad
            + self.pieces(labels)
        )

    def across(self, labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """How long labels look at each other across gaps, shape (K, K)."""
        if not len(self.plan.near):
            return self.nothing
        return self.touch(labels[self.plan.near[:, 0]], labels[self.plan.near[:, 1]], self.plan.near_m)

    def touch(
        self, one: NDArray[np.int64], two: NDArray[np.int64], length_m: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Lengths summed by pair of labels, symmetric, shape (K, K)."""
        flat = np.bincount(one * self.count + two, weights=length_m, minlength=self.count**2)
        touch = np.asarray(flat, dtype=np.float64).reshape(self.count, self.count)
        return touch + touch.T

    def masks(self, labels: NDArray[np.int64]) -> list[int]:
        """Atoms of each label as a bit set."""
        masks = [0] * self.count
        for place, label in enumerate(labels.tolist()):
            masks[label] |= 1 << place
        return masks

    def pieces(self, labels: NDArray[np.int64]) -> float:
        """Penalty for labels that are missing or in more pieces than allowed."""
        most = self.plan.max_pieces.tolist()
        return sum(map(self.piece_penalty, self.masks(labels), most))

    def piece_penalty(self, mask: int, most: int) -> float:
        """Penalty for one label on a set of atoms; it may have so many pieces on one bank."""
        if not mask:
            return _MISSING
        pieces = _pieces(mask, self.near)
        extra = pieces - most
        if extra <= 0:
            return 0.0
        further = sum(1 for bank in self.banks if bank & mask) - 1
        return _PIECE * (max(0, extra - further) + max(0, pieces - MOST_PIECES)) + _BANK * min(extra, further)

    def faults(self, labels: NDArray[np.int64]) -> int:
        """How many hard wishes are broken: labels missing, in too many pieces, touching the wrong one."""
        pairs = labels[np.vstack([self.plan.pairs, self.plan.near])]
        wrong = np.unique(np.sort(pairs[self.plan.apart[pairs[:, 0], pairs[:, 1]]], axis=1), axis=0)
        return int(self.pieces(labels) // _PIECE) + len(wrong)


def _masks(linked: NDArray[np.int64], count: int) -> list[int]:
    """Neighbours of each atom as a bit set."""
    near = [0] * count
    for one, two in linked.tolist():
        near[one] |= 1 << two
        near[two] |= 1 << one
    return near


def bits(mask: int) -> Iterator[int]:
    """Numbers in a bit set, in order."""
    while mask:
        bit = mask & -mask
        yield bit.bit_length() - 1
        mask ^= bit


def _grow(seed: int, mask: int, near: list[int]) -> int:
    seen = edge = seed
    while edge:
        following = 0
        while edge:
            bit = edge & -edge
            following |= near[bit.bit_length() - 1]
            edge ^= bit
        edge = following & mask & ~seen
        seen |= edge
    return seen


def _pieces(mask: int, near: list[int]) -> int:
    count = 0
    while mask:
        mask &= ~_grow(mask & -mask, mask, near)
        count += 1
    return count

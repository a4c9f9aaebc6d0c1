"""Which label each atom gets: annealing over slicing trees, then moves of single atoms."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from geo.partition.floorplan import Cost, Floorplan
from geo.partition.trees import TreeLayer, change, random_tree

__all__ = ["search"]

_RESTARTS = 3
_POOL = 400
_HOT, _COLD = 4.0, 0.05
_WARM, _COOL = 0.6, 0.02


def search(
    plan: Floorplan,
    *,
    seed: int,
    evaluations: int,
    moves: int,
    tick: Callable[[float], None] | None = None,
) -> tuple[NDArray[np.int64], float]:
    """Find a good assignment of labels to atoms.

    Parameters
    ----------
    plan : Floorplan
        At least as many atoms as labels.
    seed : int
        The only source of chance; the counts are fixed, the clock is never asked.
    evaluations, moves : int
        Slicing trees that are tried, and single-atom moves of the polish.
    tick : callable, optional
        Called with the share done; may raise to stop.

    Returns
    -------
    labels : ndarray of shape (n,)
    cost : float
        Smaller is better; comparable between runs of one plan only.

    Notes
    -----
    O((evaluations + moves) · (n + m)).

    References
    ----------
    Otten, R. (1982). Automatic floorplan design. 19th Design Automation Conference, 261–267.
    Kirkpatrick, S. et al. (1983). Optimization by simulated annealing. Science 220, 671–680.
    """
    tell = tick or _silent
    cost = Cost(plan)
    pool = _slice(plan, cost, seed, evaluations, tell)
    starts = _diverse(pool, plan.area_m2, 3)
    best: tuple[float, NDArray[np.int64]] | None = None
    for place, (_, labels) in enumerate(starts):
        found = _polish(plan, cost, labels, seed + place, moves // len(starts))
        tell(0.6 + 0.4 * (place + 1) / len(starts))
        if best is None or found[0] < best[0] - 1e-9:
            best = found
    assert best is not None
    return best[1], best[0]


def _silent(share: float) -> None:
    """Take progress when nobody asks for it."""


def _slice(
    plan: Floorplan, cost: Cost, seed: int, evaluations: int, tell: Callable[[float], None]
) -> list[tuple[float, NDArray[np.int64]]]:
    """The best assignments of a few annealings over slicing trees, best first."""
    each = max(1, evaluations // _RESTARTS)
    layer = TreeLayer(plan)
    pool: list[tuple[float, NDArray[np.int64]]] = []
    for restart in range(_RESTARTS):
        chance = random.Random(seed * 1_000 + restart)  # noqa: S311 - a plan is no secret
        labels = list(range(len(plan.target)))
        chance.shuffle(labels)
        tree = random_tree(chance, labels)
        now = layer.lay(tree)
        value = cost(now)
        pool.append((value, now))
        for step in range(each):
            if step % 50 == 0:
                tell(0.6 * (restart + step / each) / _RESTARTS)
            heat = _HOT * (_COLD / _HOT) ** (step / each)
            other = change(tree, chance, len(plan.target))
            placed = layer.lay(other)
            new = cost(placed)
            if new <= value or chance.random() < math.exp((value - new) / heat):
                tree, value = other, new
                pool.append((new, placed))
        pool = sorted(pool, key=lambda entry: round(entry[0], 9))[:_POOL]
    return pool


def _diverse(
    pool: list[tuple[float, NDArray[np.int64]]], area: NDArray[np.float64], count: int
) -> list[tuple[float, NDArray[np.int64]]]:
    """The best assignments that differ from each other on 30 % of the area or more."""
    picked: list[tuple[float, NDArray[np.int64]]] = []
    total = area.sum()
    for value, labels in pool:
        if all(area[labels == other].sum() < 0.7 * total for _, other in picked):
            picked.append((value, labels))
        if len(picked) == count:
            break
    return picked


def _polish(
    plan: Floorplan,
    cost: Cost,
    start: NDArray[np.int64],
    seed: int,
    moves: int,
) -> tuple[float, NDArray[np.int64]]:
    """Move single atoms over borders, and exchange pairs of them, while it cools."""
    chance = random.Random(seed)  # noqa: S311 - a plan is no secret
    labels, value = start.copy(), cost(start)
    best = (value, labels.copy())
    near: list[list[int]] = [[] for _ in labels]
    for one, two in plan.pairs.tolist():
        near[one].append(two)
        near[two].append(one)
    for step in range(moves):
        heat = _WARM * (_COOL / _WARM) ** (step / max(1, moves))
        atom = chance.randrange(len(labels))
        if not near[atom]:
            continue
        other = near[atom][chance.randrange(len(near[atom]))]
        old, new = int(labels[atom]), int(labels[other])
        if old == new or not plan.allowed[atom, new]:
            continue
        changed = [(atom, old)]
        labels[atom] = new
        if chance.random() < 0.25:
            partner = _partner(plan, labels, near, atom, old, new, chance)
            if partner >= 0:
                changed.append((partner, new))
                labels[partner] = old
        fresh = cost(labels)
        if fresh <= value or chance.random() < math.exp((value - fresh) / heat):
            value = fresh
            if value < best[0] - 1e-9:
                best = (value, labels.copy())
        else:
            for place, label in changed:
                labels[place] = label
    return best


def _partner(
    plan: Floorplan,
    labels: NDArray[np.int64],
    near: list[list[int]],
    atom: int,
    old: int,
    new: int,
    chance: random.Random,
) -> int:
    """An atom of the new label on the border of the old one, for an exchange; −1 if there is none."""
    partners = [
        place
        for place in np.flatnonzero(labels == new).tolist()
        if place != atom and plan.allowed[place, old] and any(labels[one] == old for one in near[place])
    ]
    return partners[chance.randrange(len(partners))] if partners else -1

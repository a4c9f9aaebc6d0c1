"""Which label each atom gets: annealing over slicing trees, then moves of single atoms."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from geo.partition.floorplan import Cost, Floorplan
from geo.partition.ledger import Ledger
from geo.partition.trees import TreeLayer, change, random_tree

__all__ = ["refine", "search"]

_ROUGH = 0.02
"""Trees need not meet the shares closer than this: the moves of single atoms see to that."""
_RESTARTS, _STARTS = 3, 3
_POOL = 400
_HOT, _COLD = 3.0, 0.5
_WARM, _TEPID, _COOL = 0.6, 0.1, 0.02
_LOOKS = 12
"""How often a pair of neighbours is drawn until one has a border between."""
_EXCHANGED = 0.25
_HOPELESS, _ANYHOW = 12.0, 0.05
"""A move that costs so many times the heat in pieces is looked at further only now and then."""


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
    pool = _slice(plan, Cost(plan, _ROUGH), seed, evaluations, tell)
    starts = _diverse(pool, plan.area_m2, _STARTS)
    best: tuple[float, NDArray[np.int64]] | None = None
    for place, (_, labels) in enumerate(starts):
        found = _polish(plan, cost, labels, seed + place, moves // len(starts), _WARM)
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


def refine(
    plan: Floorplan, start: NDArray[np.int64], *, seed: int, moves: int
) -> tuple[NDArray[np.int64], float]:
    """Improve an assignment by moves of single atoms, without leaving its neighbourhood.

    Parameters
    ----------
    plan : Floorplan
    start : ndarray of shape (n,)
        Left unchanged.
    seed, moves : int

    Returns
    -------
    labels : ndarray of shape (n,)
    cost : float
    """
    cost, labels = _polish(plan, Cost(plan), start, seed, moves, _TEPID)
    return labels, cost


def _polish(
    plan: Floorplan,
    cost: Cost,
    start: NDArray[np.int64],
    seed: int,
    moves: int,
    warm: float,
) -> tuple[float, NDArray[np.int64]]:
    """Move single atoms over borders, and exchange pairs of them, while it cools."""
    chance = random.Random(seed)  # noqa: S311 - a plan is no secret
    ledger = Ledger(cost, start)
    best = (ledger.value, list(ledger.labels))
    pairs: list[list[int]] = plan.pairs.tolist()
    allowed: list[list[bool]] = plan.allowed.tolist()
    for step in range(moves if pairs else 0):
        heat = warm * (_COOL / warm) ** (step / moves)
        atom, other = _over_a_border(ledger.labels, pairs, chance)
        old, new = ledger.labels[atom], ledger.labels[other]
        if old == new or not allowed[atom][new]:
            continue
        if ledger.breaks(atom, new) > _HOPELESS * heat and chance.random() > _ANYHOW:
            continue
        before = ledger.value
        changed = [(atom, old)]
        ledger.shift(atom, new)
        if chance.random() < _EXCHANGED:
            partners = [one for one in ledger.frontier(new, old) if one != atom and allowed[one][old]]
            if partners:
                partner = partners[chance.randrange(len(partners))]
                changed.append((partner, new))
                ledger.shift(partner, old)
        if ledger.value <= before or chance.random() < math.exp((before - ledger.value) / heat):
            if ledger.value < best[0] - 1e-9:
                best = (ledger.value, list(ledger.labels))
        else:
            for place, label in reversed(changed):
                ledger.shift(place, label)
    labels = np.array(best[1], dtype=np.int64)
    return cost(labels), labels


def _over_a_border(labels: list[int], pairs: list[list[int]], chance: random.Random) -> tuple[int, int]:
    """Two neighbours drawn by chance, with different labels as far as a few draws find them."""
    for _ in range(_LOOKS):
        one, two = pairs[chance.randrange(len(pairs))]
        if labels[one] != labels[two]:
            break
    return (one, two) if chance.random() < 0.5 else (two, one)

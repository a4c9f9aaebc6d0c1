"""Which label each atom gets: annealing over slicing trees, then moves of single atoms.

A slicing tree is a guillotine floorplan: a leaf is a label, a node a cut direction. Evaluated on
the atoms it sorts them along the direction and cuts where the wanted area is reached, which keeps
labels compact by construction.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floorplan", "Weights", "components", "search"]

Tree = int | tuple[bool, "Tree", "Tree"]
_MISSING, _PIECE = 60.0, 20.0
_TOUCH_M = 30.0


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
    pairs, border_m, arterial : ndarrays of shapes (m, 2), (m,), (m,)
        Neighbours, the length of their border, its share on an arterial.
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
    weights : Weights
    """

    area_m2: NDArray[np.float64]
    uv: NDArray[np.float64]
    pairs: NDArray[np.int64]
    border_m: NDArray[np.float64]
    arterial: NDArray[np.float64]
    linked: NDArray[np.int64]
    target: NDArray[np.float64]
    suitability: NDArray[np.float64]
    allowed: NDArray[np.bool_]
    together: NDArray[np.float64]
    apart: NDArray[np.bool_]
    max_pieces: NDArray[np.int64]
    weights: Weights


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
    cost = _Cost(plan)
    pool = _slice(plan, cost, seed, evaluations, tick)
    starts = _diverse(pool, plan.area_m2, 3)
    best: tuple[float, NDArray[np.int64]] | None = None
    for place, (_, labels) in enumerate(starts):
        found = _polish(
            plan, cost, labels, seed + place, moves // len(starts), tick, 0.6 + 0.4 * place / len(starts)
        )
        if best is None or found[0] < best[0] - 1e-9:
            best = found
    assert best is not None
    return best[1], best[0]


def components(members: Sequence[int], linked: NDArray[np.int64], count: int) -> list[list[int]]:
    """Pieces that some atoms form, largest number of atoms first."""
    near = _masks(linked, count)
    mask = sum(1 << member for member in members)
    pieces = []
    while mask:
        piece = _grow(mask & -mask, mask, near)
        pieces.append([place for place in range(count) if piece >> place & 1])
        mask &= ~piece
    return sorted(pieces, key=lambda piece: (-len(piece), piece[0]))


class _Cost:
    """The cost of an assignment; everything that does not change is computed once."""

    def __init__(self, plan: Floorplan) -> None:
        self.plan = plan
        self.count = len(plan.target)
        self.total = float(plan.area_m2.sum())
        self.scale = math.sqrt(self.total)
        self.near = _masks(plan.linked, len(plan.area_m2))
        self.i, self.j = plan.pairs[:, 0], plan.pairs[:, 1]
        self.cut = plan.border_m * (1.3 - 0.7 * plan.arterial)
        self.first = plan.area_m2[:, None] * plan.uv
        self.second = plan.area_m2 * (plan.uv**2).sum(axis=1) + plan.area_m2**2 / 6
        self.rows = np.arange(len(plan.area_m2))
        self.apart = np.argwhere(np.triu(plan.apart, 1))
        self.together = np.argwhere(np.triu(plan.together, 1) > 0)
        self.wish = (
            plan.together[self.together[:, 0], self.together[:, 1]] if len(self.together) else np.empty(0)
        )
        self.loose = np.where(plan.max_pieces > 1, 0.25, 1.0)
        self.weighted = plan.suitability * plan.area_m2[:, None]
        self.side = 0.75 * math.sqrt(self.total / max(len(plan.area_m2), 1))

    def __call__(self, labels: NDArray[np.int64]) -> float:
        plan, count, weights = self.plan, self.count, self.plan.weights
        one, two = labels[self.i], labels[self.j]
        differ = one != two
        cut = float(self.cut[differ].sum()) / self.scale
        touch = np.bincount(
            one[differ] * count + two[differ], weights=plan.border_m[differ], minlength=count * count
        ).reshape(count, count)
        touch = touch + touch.T
        area = np.bincount(labels, weights=plan.area_m2, minlength=count)
        off = np.maximum(0.0, np.abs(area / self.total - plan.target) - 0.06 * plan.target)
        share = float((off * off * 2e3 + off * 8).sum())
        safe = np.maximum(area, 1.0)
        u = np.bincount(labels, weights=self.first[:, 0], minlength=count)
        v = np.bincount(labels, weights=self.first[:, 1], minlength=count)
        inertia = np.bincount(labels, weights=self.second, minlength=count) - (u * u + v * v) / safe
        spread = np.maximum(0.0, inertia * 6 / safe**2 - 1) * (0.5 + area / self.total) * self.loose
        suit = float(
            (np.bincount(labels, weights=self.weighted[self.rows, labels], minlength=count) / safe).sum()
        )
        apart = 0.0
        if len(self.apart):
            border = touch[self.apart[:, 0], self.apart[:, 1]]
            apart = float(((border > 1.0) * (1 + border / self.scale)).sum())
        together = 0.0
        if len(self.together):
            border = touch[self.together[:, 0], self.together[:, 1]]
            together = float((self.wish * np.maximum(0.0, 1 - border / self.side)).sum())
        bad = float(plan.area_m2[~plan.allowed[self.rows, labels]].sum()) / self.total * 100
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

    def pieces(self, labels: NDArray[np.int64]) -> float:
        """Penalty for labels that are missing or in more pieces than allowed."""
        masks = [0] * self.count
        for place, label in enumerate(labels.tolist()):
            masks[label] |= 1 << place
        penalty = 0.0
        for label, mask in enumerate(masks):
            if not mask:
                penalty += _MISSING
            else:
                penalty += _PIECE * max(0, _pieces(mask, self.near) - int(self.plan.max_pieces[label]))
        return penalty


# --- slicing trees ---------------------------------------------------------------------------


def _slice(
    plan: Floorplan, cost: _Cost, seed: int, evaluations: int, tick: Callable[[float], None] | None
) -> list[tuple[float, NDArray[np.int64]]]:
    restarts = 3
    each = max(1, evaluations // restarts)
    # A street's worth of tolerance, so that atoms of one row sort together.
    step = max(1.0, 0.15 * math.sqrt(float(np.median(plan.area_m2))))
    keys = np.round(plan.uv / step) * step
    order_u, order_v = keys[:, 0] + plan.uv[:, 1] * 1e-6, keys[:, 1] + plan.uv[:, 0] * 1e-6
    order = (np.round(order_u, 3), np.round(order_v, 3))
    pool: list[tuple[float, NDArray[np.int64]]] = []
    everything = np.arange(len(plan.area_m2))
    for restart in range(restarts):
        chance = random.Random(seed * 1_000 + restart)  # noqa: S311 - a plan is no secret
        labels = list(range(len(plan.target)))
        chance.shuffle(labels)
        tree = _random_tree(chance, labels)
        now = _place(tree, everything, order, plan)
        value = cost(now)
        pool.append((value, now))
        for step_ in range(each):
            if tick is not None and step_ % 50 == 0:
                tick(0.6 * (restart + step_ / each) / restarts)
            heat = 4.0 * (0.05 / 4.0) ** (step_ / each)
            other = _change(tree, chance, len(plan.target))
            placed = _place(other, everything, order, plan)
            new = cost(placed)
            if new <= value or chance.random() < math.exp((value - new) / heat):
                tree, value = other, new
                pool.append((new, placed))
        pool = sorted(pool, key=lambda entry: round(entry[0], 9))[:400]
    return pool


def _random_tree(chance: random.Random, labels: list[int]) -> Tree:
    if len(labels) == 1:
        return labels[0]
    cut = chance.randint(1, len(labels) - 1)
    return (chance.random() < 0.5, _random_tree(chance, labels[:cut]), _random_tree(chance, labels[cut:]))


def _leaves(tree: Tree) -> list[int]:
    return [tree] if isinstance(tree, int) else _leaves(tree[1]) + _leaves(tree[2])


def _change(tree: Tree, chance: random.Random, count: int) -> Tree:
    if count < 2:
        return tree
    kind = chance.random()
    if kind < 0.45:
        one, two = chance.sample(range(count), 2)
        return _swap(tree, one, two)
    target = chance.randrange(count - 1)
    return _edit(tree, target, chance, kind)[0]


def _swap(tree: Tree, one: int, two: int) -> Tree:
    if isinstance(tree, int):
        return two if tree == one else one if tree == two else tree
    return (tree[0], _swap(tree[1], one, two), _swap(tree[2], one, two))


def _edit(tree: Tree, target: int, chance: random.Random, kind: float) -> tuple[Tree, int]:
    """Change the inner node number `target` (preorder); return the tree and how many remain to pass."""
    if isinstance(tree, int):
        return tree, target
    if target == 0:
        if kind < 0.65:
            return (not tree[0], tree[1], tree[2]), -1
        if kind < 0.8:
            return (tree[0], tree[2], tree[1]), -1
        labels = _leaves(tree)
        chance.shuffle(labels)
        return _random_tree(chance, labels), -1
    left, rest = _edit(tree[1], target - 1, chance, kind)
    if rest < 0:
        return (tree[0], left, tree[2]), -1
    right, rest = _edit(tree[2], rest, chance, kind)
    return (tree[0], left, right), rest


def _place(
    tree: Tree,
    atoms: NDArray[np.int64],
    order: tuple[NDArray[np.float64], NDArray[np.float64]],
    plan: Floorplan,
) -> NDArray[np.int64]:
    labels = np.zeros(len(plan.area_m2), dtype=np.int64)
    stack: list[tuple[Tree, NDArray[np.int64]]] = [(tree, atoms)]
    while stack:
        node, own = stack.pop()
        if isinstance(node, int):
            labels[own] = node
            continue
        left, right = _leaves(node[1]), _leaves(node[2])
        share = plan.target[left].sum() / (plan.target[left].sum() + plan.target[right].sum())
        own = own[np.argsort((order[0] if node[0] else order[1])[own], kind="stable")]
        if len(own) == 0:
            continue
        area = plan.area_m2[own]
        reached = np.cumsum(area)
        cut = int(np.searchsorted(reached - area / 2, share * reached[-1]))
        cut = min(max(cut, min(len(left), len(own) - 1)), max(len(own) - len(right), 1))
        stack += [(node[1], own[:cut]), (node[2], own[cut:])]
    locked = plan.allowed.sum(axis=1) == 1
    labels[locked] = plan.allowed[locked].argmax(axis=1)
    return labels


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


# --- single atoms ----------------------------------------------------------------------------


def _polish(
    plan: Floorplan,
    cost: _Cost,
    start: NDArray[np.int64],
    seed: int,
    moves: int,
    tick: Callable[[float], None] | None,
    done: float,
) -> tuple[float, NDArray[np.int64]]:
    chance = random.Random(seed)  # noqa: S311 - a plan is no secret
    labels, value = start.copy(), cost(start)
    best = (value, labels.copy())
    near: list[list[int]] = [[] for _ in labels]
    for one, two in plan.pairs.tolist():
        near[one].append(two)
        near[two].append(one)
    for step in range(moves):
        if tick is not None and step % 100 == 0:
            tick(done)
        heat = 0.6 * (0.02 / 0.6) ** (step / max(1, moves))
        atom = chance.randrange(len(labels))
        if not near[atom]:
            continue
        other = near[atom][chance.randrange(len(near[atom]))]
        old, new = int(labels[atom]), int(labels[other])
        if old == new or not plan.allowed[atom, new]:
            continue
        changed = [(atom, old)]
        labels[atom] = new
        if chance.random() < 0.25:  # exchange with an atom on the border of the other label
            partners = [
                place
                for place in np.flatnonzero(labels == new).tolist()
                if place != atom
                and plan.allowed[place, old]
                and any(labels[one] == old for one in near[place])
            ]
            if partners:
                partner = partners[chance.randrange(len(partners))]
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


# --- bit sets --------------------------------------------------------------------------------


def _masks(linked: NDArray[np.int64], count: int) -> list[int]:
    near = [0] * count
    for one, two in linked.tolist():
        near[one] |= 1 << two
        near[two] |= 1 << one
    return near


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

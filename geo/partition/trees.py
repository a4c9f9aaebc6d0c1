"""Slicing trees: guillotine floorplans, in which a leaf is a label and a node a cut direction.

Laid on the atoms, a node sorts them along its direction and cuts where the wanted area is reached,
which keeps labels compact by construction.
"""

from __future__ import annotations

import math
import random

import numpy as np
from numpy.typing import NDArray

from geo.partition.floorplan import Floorplan

__all__ = ["Tree", "TreeLayer", "change", "random_tree"]

Tree = int | tuple[bool, "Tree", "Tree"]
_WHOLE = 0.3
"""A label is split over two banks only if either part is more than this share of it."""


def random_tree(chance: random.Random, labels: list[int]) -> Tree:
    """Tree over labels in the order given."""
    if len(labels) == 1:
        return labels[0]
    cut = chance.randint(1, len(labels) - 1)
    return (chance.random() < 0.5, random_tree(chance, labels[:cut]), random_tree(chance, labels[cut:]))


def change(tree: Tree, chance: random.Random, count: int) -> Tree:
    """Change one thing: exchange two labels, turn or mirror a node, or grow a subtree anew."""
    if count < 2:
        return tree
    kind = chance.random()
    if kind < 0.45:
        one, two = chance.sample(range(count), 2)
        return _swap(tree, one, two)
    return _edit(tree, chance.randrange(count - 1), chance, kind)[0]


def _leaves(tree: Tree) -> list[int]:
    return [tree] if isinstance(tree, int) else _leaves(tree[1]) + _leaves(tree[2])


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
        return random_tree(chance, labels), -1
    left, rest = _edit(tree[1], target - 1, chance, kind)
    if rest < 0:
        return (tree[0], left, tree[2]), -1
    right, rest = _edit(tree[2], rest, chance, kind)
    return (tree[0], left, right), rest


def _only(tree: Tree, labels: set[int]) -> Tree | None:
    """What is left of a tree when only some labels are wanted."""
    if isinstance(tree, int):
        return tree if tree in labels else None
    left, right = _only(tree[1], labels), _only(tree[2], labels)
    if left is None or right is None:
        return right if left is None else left
    return (tree[0], left, right)


class TreeLayer:
    """Lays trees on the atoms of a plan.

    Parameters
    ----------
    plan : Floorplan
    """

    def __init__(self, plan: Floorplan) -> None:
        # A street's worth of tolerance, so that atoms of one row sort together.
        step = max(1.0, 0.15 * math.sqrt(float(np.median(plan.area_m2))))
        keys = np.round(plan.uv / step) * step
        along_u = np.round(keys[:, 0] + plan.uv[:, 1] * 1e-6, 3)
        along_v = np.round(keys[:, 1] + plan.uv[:, 0] * 1e-6, 3)
        self._area = plan.area_m2
        self._target = plan.target.tolist()
        self._count = len(plan.area_m2)
        self._locked = plan.allowed.sum(axis=1) == 1
        self._lock = plan.allowed[self._locked].argmax(axis=1)
        total = float(plan.area_m2.sum())
        self._banks: list[tuple[float, NDArray[np.int64], NDArray[np.int64]]] = []
        for bank in np.unique(plan.bank):
            own = np.flatnonzero(plan.bank == bank)
            by_u, by_v = (own[np.argsort(key[own], kind="stable")] for key in (along_u, along_v))
            self._banks.append((float(plan.area_m2[own].sum()) / total, by_u, by_v))

    def lay(self, tree: Tree) -> NDArray[np.int64]:
        """Labels of the atoms, shape (n,)."""
        labels = np.zeros(self._count, dtype=np.int64)
        for (_, by_u, by_v), wanted in zip(self._banks, self._share_out(tree), strict=True):
            own = tree if len(self._banks) == 1 else _only(tree, set(wanted))
            assert own is not None
            self._slice(own, by_u, by_v, wanted, labels)
        labels[self._locked] = self._lock
        return labels

    def _share_out(self, tree: Tree) -> list[dict[int, float]]:
        """How much of each label goes to each bank: filled one after the other in the order of the leaves."""
        if len(self._banks) == 1:
            return [dict(enumerate(self._target))]
        shares: list[dict[int, float]] = []
        leaves = _leaves(tree)
        rest = {label: self._target[label] for label in leaves}
        for place, (size, _, _) in enumerate(self._banks):
            own: dict[int, float] = {}
            left = size
            for label in leaves:
                want = rest[label]
                if want <= 0 or (left <= 0 and own):
                    continue
                fits = min(1.0, left / want) if place < len(self._banks) - 1 else 1.0
                if fits > 1 - _WHOLE:
                    fits = 1.0
                elif fits < _WHOLE and own:
                    break
                own[label] = want * fits
                rest[label] = want * (1 - fits)
                left -= want * fits
            if not own:  # everything is placed already: the last label spreads here too
                own[leaves[-1]] = self._target[leaves[-1]]
            shares.append(own)
        return shares

    def _slice(
        self,
        tree: Tree,
        by_u: NDArray[np.int64],
        by_v: NDArray[np.int64],
        wanted: dict[int, float],
        labels: NDArray[np.int64],
    ) -> None:
        stack: list[tuple[Tree, NDArray[np.int64], NDArray[np.int64]]] = [(tree, by_u, by_v)]
        taken = np.zeros(self._count, dtype=bool)
        while stack:
            node, by_u, by_v = stack.pop()
            if isinstance(node, int):
                labels[by_u] = node
                continue
            if len(by_u) == 0:
                continue
            left, right = _leaves(node[1]), _leaves(node[2])
            one, two = (sum(wanted[label] for label in side) for side in (left, right))
            own = by_u if node[0] else by_v
            area = self._area[own]
            reached = np.cumsum(area)
            cut = int(np.searchsorted(reached - area / 2, one / (one + two) * reached[-1]))
            cut = min(max(cut, min(len(left), len(own) - 1)), max(len(own) - len(right), 1))
            taken[own[:cut]] = True
            first_u, first_v = taken[by_u], taken[by_v]
            stack.append((node[1], by_u[first_u], by_v[first_v]))
            stack.append((node[2], by_u[~first_u], by_v[~first_v]))
            taken[own[:cut]] = False

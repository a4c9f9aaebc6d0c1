"""An assignment whose cost is kept up to date while single atoms change their label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.partition.floorplan import Cost, bits

__all__ = ["Ledger"]


class Ledger:
    """Sums by label and by pair of labels, so that a change costs as much as an atom has neighbours.

    Parameters
    ----------
    cost : Cost
    labels : ndarray of shape (n,)
        Left unchanged.

    Attributes
    ----------
    labels : list of int
        As they are now.
    value : float
        Their cost: `cost(labels)`, but for rounding.
    """

    def __init__(self, cost: Cost, labels: NDArray[np.int64]) -> None:
        plan = cost.plan
        self._cost = cost
        self.labels: list[int] = labels.tolist()
        self._share, self._weights = plan.target.tolist(), plan.weights
        self._band, self._loose = cost.band.tolist(), cost.loose.tolist()
        self._most = plan.max_pieces.tolist()
        self._moments: list[list[float]] = cost.moments.tolist()
        self._suit: list[list[float]] = cost.weighted.tolist()
        self._barred: list[list[float]] = cost.barred.tolist()
        self._border: list[list[tuple[int, float, float]]] = [[] for _ in self.labels]
        for (one, two), length, cut in zip(
            plan.pairs.tolist(), plan.border_m.tolist(), cost.cut.tolist(), strict=True
        ):
            self._border[one].append((two, length, cut))
            self._border[two].append((one, length, cut))
        self._gap: list[list[tuple[int, float]]] = [[] for _ in self.labels]
        for (one, two), length in zip(plan.near.tolist(), plan.near_m.tolist(), strict=True):
            self._gap[one].append((two, length))
            self._gap[two].append((one, length))
        self._adjacent = [sum(1 << other for other, _, _ in own) for own in self._border]
        self._apart: list[list[bool]] = plan.apart.tolist()
        self._wish: list[list[float]] = plan.together.tolist()
        self._count_all(labels)

    def shift(self, atom: int, label: int) -> None:
        """Give an atom another label."""
        old = self.labels[atom]
        if old == label:
            return
        seen = {old, label}
        for other, length, cut in self._border[atom]:
            own = self.labels[other]
            seen.add(own)
            if own != old:
                self._cut -= cut
                self._add(self._touch, old, own, -length)
            if own != label:
                self._cut += cut
                self._add(self._touch, label, own, length)
        for other, length in self._gap[atom]:
            own = self.labels[other]
            seen.add(own)
            if own != old:
                self._add(self._across, old, own, -length)
            if own != label:
                self._add(self._across, label, own, length)
        for column, value in enumerate(self._moments[atom]):
            self._sums[column][old] -= value
            self._sums[column][label] += value
        self._suited[old] -= self._suit[atom][old]
        self._suited[label] += self._suit[atom][label]
        self._bad += self._barred[atom][label] - self._barred[atom][old]
        self._masks[old] ^= 1 << atom
        self._masks[label] |= 1 << atom
        self.labels[atom] = label
        for one in (old, label):
            self._label_terms[one] = self._label_term(one)
            self._piece_terms[one] = self._cost.piece_penalty(self._masks[one], self._most[one])
            for two in seen:
                self._pair_terms[min(one, two)][max(one, two)] = self._pair_term(one, two)
        self.value = self._total()

    def breaks(self, atom: int, label: int) -> float:
        """How much the penalty for pieces grows if an atom gets another label; negative if it shrinks."""
        old, bit = self.labels[atom], 1 << atom
        return (
            self._cost.piece_penalty(self._masks[old] & ~bit, self._most[old])
            + self._cost.piece_penalty(self._masks[label] | bit, self._most[label])
            - self._piece_terms[old]
            - self._piece_terms[label]
        )

    def frontier(self, label: int, towards: int) -> list[int]:
        """Atoms of a label that border another label, in order."""
        reach = 0
        for atom in bits(self._masks[towards]):
            reach |= self._adjacent[atom]
        return list(bits(reach & self._masks[label]))

    def _count_all(self, labels: NDArray[np.int64]) -> None:
        cost, plan = self._cost, self._cost.plan
        count = cost.count
        one, two = labels[plan.pairs[:, 0]], labels[plan.pairs[:, 1]]
        differ = one != two
        self._cut = float(cost.cut[differ].sum())
        self._touch = cost.touch(one[differ], two[differ], plan.border_m[differ]).tolist()
        self._across = cost.across(labels).tolist()
        self._sums = [
            np.bincount(labels, weights=cost.moments[:, column], minlength=count).tolist()
            for column in range(4)
        ]
        rows = np.arange(len(labels))
        self._suited = np.bincount(labels, weights=cost.weighted[rows, labels], minlength=count).tolist()
        self._bad = float(cost.barred[rows, labels].sum())
        self._masks = cost.masks(labels)
        self._label_terms = [self._label_term(label) for label in range(count)]
        self._piece_terms = [
            cost.piece_penalty(mask, most) for mask, most in zip(self._masks, self._most, strict=True)
        ]
        self._pair_terms = [
            [self._pair_term(one, two) if one < two else 0.0 for two in range(count)] for one in range(count)
        ]
        self.value = self._total()

    @staticmethod
    def _add(table: list[list[float]], one: int, two: int, length: float) -> None:
        table[one][two] += length
        table[two][one] += length

    def _label_term(self, label: int) -> float:
        """What a label costs by itself: its share, its shape and where it lies."""
        area, u, v, second = (column[label] for column in self._sums)
        total = self._cost.total
        safe = max(area, 1.0)
        off = max(0.0, abs(area / total - self._share[label]) - self._band[label])
        spread = max(0.0, (second - (u * u + v * v) / safe) * 6 / (safe * safe) - 1)
        weights = self._weights
        return float(
            weights.share * (off * off * 2e3 + off * 8)
            + weights.compact * spread * (0.5 + area / total) * self._loose[label]
            - weights.suitability * self._suited[label] / safe / self._cost.count * 10
        )

    def _pair_term(self, one: int, two: int) -> float:
        if one == two:
            return 0.0
        border = self._touch[one][two]
        if self._apart[one][two]:
            whole = border + self._across[one][two]
            return self._weights.apart * (1 + whole / self._cost.scale) if whole > 1.0 else 0.0
        wish = self._wish[one][two]
        return self._weights.together * wish * max(0.0, 1 - border / self._cost.side) if wish else 0.0

    def _total(self) -> float:
        return (
            sum(self._label_terms)
            + sum(self._piece_terms)
            + sum(map(sum, self._pair_terms))
            + self._weights.cut * self._cut / self._cost.scale
            + 3.0 * self._bad / self._cost.total * 100
        )

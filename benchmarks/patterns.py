"""K with envelopes, Kd and density surfaces against SciPy's plain ways, in one run.

    python benchmarks/patterns.py

K: the peer counts pairs with `cKDTree.count_neighbors` and corrects no edge. Kd: the peer smooths the
pair distances with `gaussian_kde`; 20 draws each, as its 1,000 take minutes. (A file called
statistics.py here would hide Python's own.)
"""

from __future__ import annotations

import sys

import numpy as np
from measure import Row, measured, show
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist
from scipy.stats import gaussian_kde

from geo.patterns.duranton_overman import kd_test
from geo.patterns.ripley import l_envelope
from geo.patterns.surface import density_surface

SIDE_M = 1000.0
SQUARE = (0.0, 0.0, SIDE_M, SIDE_M)
R_M = np.linspace(0, 250, 51)
D_M = np.linspace(0, 500, 101)


def plain_envelope(count: int, draws: int) -> None:
    """Count the pairs of as many random patterns, without any correction."""
    chance = np.random.default_rng(0)
    for _ in range(draws + 1):
        tree = cKDTree(chance.uniform(0, SIDE_M, (count, 2)))
        tree.count_neighbors(tree, R_M)


def plain_kd(count: int, everyone: np.ndarray, draws: int) -> None:
    """Smooth the distances of random choices one by one."""
    chance = np.random.default_rng(0)
    for _ in range(draws):
        chosen = everyone[chance.choice(len(everyone), count, replace=False)]
        gaussian_kde(pdist(chosen))(D_M)


def main() -> int:
    chance = np.random.default_rng(1)
    firms = chance.uniform(0, SIDE_M, (2_000, 2))
    everyone = chance.uniform(0, SIDE_M, (10_000, 2))
    table = [
        Row(
            "isotropic L, 2,000 firms, 99 envelopes",
            measured(lambda: l_envelope(firms, SQUARE, R_M), times=1),
            measured(lambda: plain_envelope(2_000, 99), times=1),
        ),
        Row(
            "Kd, 500 of 10,000 firms, 20 draws",
            measured(lambda: kd_test(everyone[:500], everyone, D_M, draws=20), times=1),
            measured(lambda: plain_kd(500, everyone, 20), times=1),
        ),
        Row(
            "density surface, 10,000 firms, 50 × 50 cells",
            measured(lambda: density_surface(everyone, SQUARE, cell_m=20, bandwidth_m=50), times=1),
            measured(
                lambda: gaussian_kde(everyone.T)(np.mgrid[10:1000:20, 10:1000:20].reshape(2, -1)), times=1
            ),
        ),
    ]
    show("Point patterns", "geo.patterns", "SciPy", table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

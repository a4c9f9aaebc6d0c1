"""DBSCAN: ours, which does not depend on the order of the rows, against scikit-learn's, in one run.

    python benchmarks/clusters.py [ROWS ...]

Same points, radius and smallest number. The ratio is what order-independence costs. On points
that share places (many firms at one address) ours looks at each place once.
"""

from __future__ import annotations

import sys

import numpy as np
from measure import Row, measured, show
from sklearn.cluster import DBSCAN

from geo.density import dbscan

RADIUS_M, MIN_FIRMS = 300.0, 5


def city(rows: int, *, shared: bool) -> np.ndarray:
    """Firms of towns of several sizes; with `shared`, a tenth of them at a few addresses."""
    chance = np.random.default_rng(rows)
    towns = chance.uniform(0, 60_000, (max(4, rows // 250), 2))
    points = towns[chance.integers(0, len(towns), rows)] + chance.normal(0, 600, (rows, 2))
    if shared:
        same = chance.random(rows) < 0.1
        points[same] = points[chance.integers(0, max(1, rows // 200), int(same.sum()))]
    return points


def main() -> int:
    wanted = [int(word) for word in sys.argv[1:]] or [1_000, 10_000, 100_000]
    table = []
    for rows in wanted:
        for shared in (False, True):
            points = city(rows, shared=shared)
            ours = measured(lambda points=points: dbscan(points, RADIUS_M, MIN_FIRMS))
            peer = measured(
                lambda points=points: (
                    DBSCAN(eps=RADIUS_M, min_samples=MIN_FIRMS, algorithm="kd_tree").fit(points).labels_
                )
            )
            name = f"{rows:,} firms" + (", a tenth at shared addresses" if shared else "")
            table.append(Row(name, ours, peer))
    show("DBSCAN", "geo.density.dbscan", "sklearn.cluster.DBSCAN", table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

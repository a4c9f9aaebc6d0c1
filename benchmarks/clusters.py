"""DBSCAN: ours against scikit-learn's and PyPI `dbscan`, in one run.

    python benchmarks/clusters.py [ROWS ...]

CPU time of all threads and the rise of the memory's peak, each in a process of its own, after one
small call that compiles and loads. `dbscan` (MIT, https://pypi.org/project/dbscan) is no part of
the project: `pip install dbscan==1.0.0` brings it, and without it its column is empty.
scikit-learn keeps every neighbour of every point and is asked up to 100,000 points, city data
up to 1,000,000.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from pathlib import Path

import numpy as np

RADIUS_M, MIN_FIRMS, SEED = 500.0, 10, 0
PER_KM2 = {"city": 10.0, "dense": 100.0}


def firms(rows: int, density: str) -> np.ndarray:
    """Firms in towns of a few large and many small sizes, 15 % anywhere, a third sharing addresses.

    The same on every machine: seed `SEED`, `PER_KM2` firms to a square kilometre on average.
    """
    chance = np.random.default_rng(SEED)
    side = np.sqrt(rows / PER_KM2[density]) * 1000
    alone = int(0.15 * rows)
    towns = max(20, (rows - alone) // 400)
    share = chance.pareto(1.1, towns) + 0.2
    share = np.minimum(share, share.sum() * 0.02)
    sizes = chance.multinomial(rows - alone, share / share.sum())
    spread = 120 * np.sqrt(np.maximum(sizes, 1) / 20) * chance.lognormal(0, 0.6, towns)
    town = np.repeat(np.arange(towns), sizes)
    inside = (
        chance.uniform(0, side, (towns, 2))[town] + chance.normal(size=(len(town), 2)) * spread[town, None]
    )
    points = np.mod(np.vstack([inside, chance.uniform(0, side, (alone, 2))]), side)
    movers = chance.choice(rows, int(0.35 * rows), replace=False)
    addresses = chance.choice(rows, max(10, len(movers) // 4), replace=False)
    fame = chance.pareto(1.2, len(addresses)) + 0.3
    fame = np.minimum(fame, fame.sum() * min(0.02, 1500 / len(movers)))
    points[movers] = points[chance.choice(addresses, len(movers), p=fame / fame.sum())]
    return chance.permutation(points.round(1))


def label(who: str, points: np.ndarray) -> object:
    """Label points by one of the three."""
    if who == "ours":
        from geo.density import dbscan

        return dbscan(points, RADIUS_M, MIN_FIRMS)
    if who == "dbscan":
        from dbscan import DBSCAN

        return DBSCAN(points, eps=RADIUS_M, min_samples=MIN_FIRMS)
    from sklearn.cluster import DBSCAN as SKLEARN

    return SKLEARN(eps=RADIUS_M, min_samples=MIN_FIRMS, algorithm="kd_tree").fit(points)


def cost(job: tuple[str, int, str]) -> tuple[float, float] | None:
    """CPU seconds and bytes a point that one of them takes; None where it is not installed."""
    who, rows, density = job
    points = firms(rows, density)
    try:
        label(who, firms(1_000, density))
    except ImportError:
        return None
    times = 5 if rows <= 100_000 else 1
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    begun = _memory("VmRSS")
    best = np.inf
    for _ in range(times):
        start = time.process_time()
        label(who, points)
        best = min(best, time.process_time() - start)
    peak = _memory("VmHWM")
    return best, (peak - begun) / rows


def _memory(which: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(which))


def main() -> int:
    wanted = [int(word) for word in sys.argv[1:]] or [10_000, 100_000, 1_000_000, 10_000_000]
    print("| firms | ours, ns a point | bytes a point | scikit-learn ÷ ours | dbscan ÷ ours | its bytes |")
    print("|---|---|---|---|---|---|")
    spawn = multiprocessing.get_context("spawn")
    for rows in wanted:
        for density in PER_KM2:
            asked = ["ours", "dbscan"]
            if rows <= 100_000 or (density == "city" and rows <= 1_000_000):
                asked.append("scikit-learn")
            found = {}
            for who in asked:
                with spawn.Pool(1) as pool:
                    found[who] = pool.apply(cost, ((who, rows, density),))
            ours, peer, slow = found["ours"], found["dbscan"], found.get("scikit-learn")
            assert ours is not None
            print(
                f"| {rows:,} {density} | {ours[0] / rows * 1e9:.0f} | {ours[1]:.0f} "
                f"| {f'{slow[0] / ours[0]:.0f}' if slow else '–'} "
                f"| {f'{peer[0] / ours[0]:.1f}' if peer else '–'} | {f'{peer[1]:.0f}' if peer else '–'} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Neighbours and Moran's I against PySAL (pip install esda libpysal), processor time.

Places and counts are random; 8 nearest neighbours, 999 draws. Numbers of areas may follow the name.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.measure import Row, show
from geo.areas.moran import local_moran, moran
from geo.areas.weights import nearest_neighbours


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def rows(n: int) -> list[Row]:
    from esda.moran import Moran, Moran_Local
    from libpysal.weights import KNN

    random = np.random.default_rng(0)
    xy, y = random.uniform(0, 1e5, (n, 2)), random.poisson(3, n).astype(float)
    peer_links_s, peer = seconds(lambda: KNN.from_array(xy, 8))
    links_s, ours = seconds(lambda: nearest_neighbours(xy, 8).row_standardised())
    peer.transform = "r"
    peer_local_s, _ = seconds(lambda: Moran_Local(y, peer, permutations=999))
    local_s, _ = seconds(lambda: local_moran(y, ours))
    peer_global_s, theirs = seconds(lambda: Moran(y, peer, permutations=999))
    global_s, mine = seconds(lambda: moran(y, ours))
    if abs(theirs.I - mine.i) > 1e-12:
        raise SystemExit(f"I differs: {theirs.I} and {mine.i}")
    return [
        Row(f"neighbours, {n:,}", links_s, peer_links_s),
        Row(f"local Moran, {n:,}", local_s, peer_local_s),
        Row(f"global Moran, {n:,}", global_s, peer_global_s),
    ]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    rows(100)  # warms up
    sizes = [int(size) for size in sys.argv[1:]] or [1_000, 10_000, 100_000]
    show("Areas", "geo/areas", "PySAL", [row for size in sizes for row in rows(size)])

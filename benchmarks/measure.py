"""What the benchmarks share: the median of a few runs, and a table of ratios against a named peer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: seconds of ours and of the peer's."""

    name: str
    ours_s: float
    peer_s: float


def middle(numbers: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(numbers)


def measured(work: Callable[[], object], times: int = 3) -> float:
    """Return the median wall time of a piece of work, seconds, after one run that warms up."""
    work()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return middle(seconds)


def show(title: str, ours: str, peer: str, rows: Sequence[Row]) -> None:
    """Print a Markdown table; only the ratio means anything on another machine."""
    print(f"\n## {title}: {ours} against {peer}\n")
    print("| case | ours, s | peer, s | ours ÷ peer |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.name} | {row.ours_s:.3f} | {row.peer_s:.3f} | {row.ours_s / row.peer_s:.2f} |")

"""Classes of streets that make sense as a network: a main street leads from one to another, or out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.partition.edges import Edges
from geo.partition.skeleton import ARTERIAL, COLLECTOR

__all__ = ["settle_classes"]


def settle_classes(edges: Edges) -> Edges:
    """Take streets down a class where they end at streets of a lower one.

    Parameters
    ----------
    edges : Edges

    Returns
    -------
    Edges
        With other ranks. Existing roads keep theirs, and so do ways in at gates and the last of a
        class.

    Notes
    -----
    What ends at the outline leads out of the park. O(m²) at worst, O(m) as a rule.
    """
    rank = edges.rank.copy()
    for level in (ARTERIAL, COLLECTOR):
        lower = _prune(edges, rank, level)
        if ((lower == level) | (rank != level)).all() or (lower == level).any():
            rank = lower
    return replace(edges, rank=rank)


def _prune(edges: Edges, rank: np.ndarray, level: int) -> np.ndarray:
    """Ranks after every street of a level that ends at none of it or above goes one down."""
    rank = rank.copy()
    at_gate = np.zeros(len(rank), dtype=bool)
    for own in edges.gate_edges:
        at_gate[own] = True
    spans = edges.bridge_ends[edges.bridge_rank <= level]
    while True:
        high = (rank >= 0) & (rank <= level)
        meeting = np.bincount(edges.ends[high].ravel(), minlength=len(edges.nodes))
        meeting += np.bincount(spans.ravel(), minlength=len(edges.nodes))
        stops = (meeting == 1) & ~edges.outer
        falls = (rank == level) & ~edges.hard & ~at_gate & stops[edges.ends].any(axis=1)
        if not falls.any():
            return rank
        rank[falls] = level + 1

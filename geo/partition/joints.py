"""How streets meet: a network without dead ends and without needless bends reads as drawn by a planner."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.partition.edges import Edges

__all__ = ["Joints"]

_LOOK_M = 20.0
"""A street's direction at a node is taken over this length."""
_STRAIGHT_DEG = 35.0
_SHARP_DEG = 30.0
_DEAD_END, _BEND, _FORK, _SHARP = 3.0, 1.0, 0.4, 0.3


class Joints:
    """What is untidy where streets meet, and how much more so it becomes when some are given up.

    Parameters
    ----------
    edges : Edges
        Left unchanged.
    """

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._fixed = edges.outer.copy()
        self._fixed[edges.bridge_ends.ravel()] = True
        self._at: list[list[tuple[int, float]]] = [[] for _ in edges.nodes]
        length = shapely.length(edges.lines)
        look = np.minimum(_LOOK_M, length)
        near = (
            shapely.line_interpolate_point(edges.lines, look),
            shapely.line_interpolate_point(edges.lines, length - look),
        )
        for side in (0, 1):
            own = edges.nodes[edges.ends[:, side]]
            step = shapely.get_coordinates(near[side]) - own
            bearing = np.degrees(np.arctan2(step[:, 1], step[:, 0]))
            for edge in np.flatnonzero(edges.rank >= 0).tolist():
                self._at[edges.ends[edge, side]].append((edge, float(bearing[edge])))

    def mess(self, node: int, kept: NDArray[np.bool_]) -> float:
        """How untidy a node is: 0 for a street that runs on, a crossing, a T, or an end at the outline."""
        here = [(edge, bearing) for edge, bearing in self._at[node] if kept[edge]]
        if not here or (len(here) < 3 and self._fixed[node]):
            return 0.0
        hard = [bool(self._edges.hard[edge]) for edge, _ in here]
        if len(here) == 1:
            return 0.0 if hard[0] else _DEAD_END
        turns = [
            abs((one - other + 180.0) % 360.0 - 180.0)
            for place, (_, one) in enumerate(here)
            for _, other in here[place + 1 :]
        ]
        straight = max(turns) >= 180.0 - _STRAIGHT_DEG
        if len(here) == 2:
            return 0.0 if straight or all(hard) else _BEND
        untidy = 0.0 if straight or sum(hard) > 1 else _FORK
        return untidy + (_SHARP if min(turns) < _SHARP_DEG and not all(hard) else 0.0)

    def harm(self, kept: NDArray[np.bool_], gone: NDArray[np.int64]) -> float:
        """How much untidier the network becomes when edges go; infinite if a gate loses its last street.

        Parameters
        ----------
        kept : ndarray of shape (m,), bool
            Streets that there are; left unchanged.
        gone : ndarray of int
            Edges among them.
        """
        after = kept.copy()
        after[gone] = False
        for own in self._edges.gate_edges:
            if kept[own].any() and not after[own].any():
                return float("inf")
        nodes: Iterable[int] = np.unique(self._edges.ends[gone]).tolist()
        return float(sum(self.mess(node, after) - self.mess(node, kept) for node in nodes))

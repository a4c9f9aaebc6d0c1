"""Road graphs and nearest facilities on them: CSR, Dijkstra from the facilities, exact."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geo.area import geodesic_distance_m

__all__ = ["RoadGraph", "TwoNearest", "nearest_roads", "on_sphere", "two_nearest"]

_CHUNK = 10_000
"""Origins that are compared with all facilities at a time: bounds the memory."""
_REACH_DEG = 3.0
"""Roads farther away than this are not looked at: some 200 km or more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadGraph:
    """An undirected road network.

    Attributes
    ----------
    lon_deg, lat_deg : ndarray of shape (n,)
        Nodes, WGS 84.
    ends : ndarray of shape (m, 2)
        Node numbers of each edge.
    length_m : ndarray of shape (m,)
    """

    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    ends: NDArray[np.int64]
    length_m: NDArray[np.float64]

    @classmethod
    def load(cls, path: Path) -> RoadGraph:
        """Read a graph that scripts/make_reference.py wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(
                lon_deg=stored["lon_e3"] / 1_000.0,
                lat_deg=stored["lat_e3"] / 1_000.0,
                ends=np.column_stack([stored["u"], stored["v"]]).astype(np.int64),
                length_m=stored["length_m"].astype(np.float64),
            )

    def matrix(self) -> csr_matrix:
        """Return the symmetric adjacency matrix, metres.

        Notes
        -----
        Parallel edges are reduced to the shortest first: a sparse matrix would add them up.
        """
        low, high = self.ends.min(axis=1), self.ends.max(axis=1)
        order = np.lexsort((self.length_m, high, low))
        low, high, length = low[order], high[order], self.length_m[order]
        first = np.r_[True, (np.diff(low) != 0) | (np.diff(high) != 0)][: len(low)] & (low != high)
        low, high, length = low[first], high[first], length[first]
        count = len(self.lon_deg)
        rows, columns = np.r_[low, high], np.r_[high, low]
        return csr_matrix((np.r_[length, length], (rows, columns)), shape=(count, count))

    def components(self) -> int:
        """Number of parts that no road joins."""
        return int(connected_components(self.matrix(), directed=False)[0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoNearest:
    """The nearest and second-nearest facility of each origin.

    Attributes
    ----------
    facility, second : ndarray of shape (n,), int64
        −1 where none is reached.
    network_m, second_network_m : ndarray of shape (n,)
        On the network between the snapped ends; NaN where none is reached.
    access_m, second_access_m : ndarray of shape (n,)
        Straight from both ends to the network, added up.
    """

    facility: NDArray[np.int64]
    network_m: NDArray[np.float64]
    access_m: NDArray[np.float64]
    second: NDArray[np.int64]
    second_network_m: NDArray[np.float64]
    second_access_m: NDArray[np.float64]


def two_nearest(
    origins: tuple[ArrayLike, ArrayLike],
    facilities: tuple[ArrayLike, ArrayLike],
    graph: RoadGraph | None,
    *,
    max_snap_m: float,
) -> TwoNearest:
    """Find the two nearest facilities of each origin.

    Parameters
    ----------
    origins, facilities : tuple of array_like
        Longitudes and latitudes, degrees, WGS 84; n origins, k facilities.
    graph : RoadGraph or None
        None measures along the geodesic.
    max_snap_m : float
        Ends farther than this from the network are not reached: no jump over straits.

    Returns
    -------
    TwoNearest
        By network plus access length; ties go to the facility that comes first.

    Notes
    -----
    Exact. The second-nearest facility differs from the nearest in at least one bit of its number,
    so that searches from all facilities with a bit set, and from all without, find both:
    O(log k · (m + n) log n) for m edges and n nodes, instead of one search for each facility.
    """
    lon, lat = (np.asarray(values, dtype=np.float64).ravel() for values in origins)
    to_lon, to_lat = (np.asarray(values, dtype=np.float64).ravel() for values in facilities)
    rows = [slice(start, start + _CHUNK) for start in range(0, len(lon), _CHUNK)] or [slice(0, 0)]
    if graph is None:
        found = [_geodesics(lon[own], lat[own], to_lon, to_lat) for own in rows]
        return _joined([_pick(straight, np.zeros_like(straight)) for straight in found])
    matrix, tree = _prepared(graph)
    node, offset = _snap(tree, graph, lon, lat, max_snap_m)
    to_node, to_offset = _snap(tree, graph, to_lon, to_lat, max_snap_m)
    searches = _search(matrix, to_node, to_offset)
    access = np.where(np.isfinite(to_offset), to_offset, 0.0)
    return _joined(
        [
            _pick(_ways(searches, node[own], offset[own], to_offset), offset[own, None] + access[None, :])
            for own in rows
        ]
    )


def nearest_roads(lon_deg: ArrayLike, lat_deg: ArrayLike, graph: RoadGraph) -> NDArray[np.float64]:
    """Straight distance of points to the nearest edge of a graph, metres.

    Notes
    -----
    Edges are taken as straight on a conformal map (Mercator), where near is near in every
    direction and latitude; O(m log m + n log m).
    """
    lon, lat = np.asarray(lon_deg, dtype=np.float64).ravel(), np.asarray(lat_deg, dtype=np.float64).ravel()
    start, end = graph.ends[:, 0], graph.ends[:, 1]
    inside = _overlap(graph.lon_deg[start], graph.lon_deg[end], lon) & _overlap(
        graph.lat_deg[start], graph.lat_deg[end], lat
    )
    result = np.full(len(lon), np.nan)
    if not inside.any():
        return result
    corners = np.column_stack([graph.lon_deg, _stretched(graph.lat_deg)])
    edges = shapely.linestrings(np.stack([corners[start[inside]], corners[end[inside]]], axis=1))
    points = shapely.points(lon, _stretched(lat))
    found = shapely.STRtree(edges).query_nearest(points, all_matches=False)
    chosen = edges[found[1]]
    at = shapely.line_interpolate_point(chosen, shapely.line_locate_point(chosen, points[found[0]]))
    there = np.degrees(np.arctan(np.sinh(np.radians(shapely.get_y(at)))))
    result[found[0]] = geodesic_distance_m(lon[found[0]], lat[found[0]], shapely.get_x(at), there)
    return result


def _overlap(
    one: NDArray[np.float64], other: NDArray[np.float64], places: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which edges come within `_REACH_DEG` of the range of some places, in one coordinate."""
    low, high = places.min(initial=np.inf) - _REACH_DEG, places.max(initial=-np.inf) + _REACH_DEG
    return np.asarray((np.maximum(one, other) >= low) & (np.minimum(one, other) <= high))


def _stretched(lat_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mercator's latitude, in degrees as the longitude."""
    return np.asarray(np.degrees(np.arcsinh(np.tan(np.radians(np.clip(lat_deg, -89.0, 89.0))))))


def on_sphere(lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.float64]:
    """Unit vectors of points, (n, 3): near on the sphere is near in space."""
    lon, lat = np.radians(np.asarray(lon_deg)), np.radians(np.asarray(lat_deg))
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


@functools.lru_cache(maxsize=2)
def _prepared(graph: RoadGraph) -> tuple[csr_matrix, cKDTree]:
    """Adjacency and node index of a graph, made once; graphs are told apart by identity."""
    return graph.matrix(), cKDTree(on_sphere(graph.lon_deg, graph.lat_deg))


_Searches = list[tuple[NDArray[np.float64], NDArray[np.int64]]]


def _search(matrix: csr_matrix, to_node: NDArray[np.int64], to_offset: NDArray[np.float64]) -> _Searches:
    """For every node, way to and number of the nearest facility with each bit set, and without.

    Each facility is a node of its own, joined to the network by its offset, so that searches
    compare whole ways.
    """
    usable = np.flatnonzero(np.isfinite(to_offset))
    if not len(usable):
        return []
    size = matrix.shape[0]
    joined = csr_matrix(
        (
            np.r_[matrix.data, to_offset[usable]],
            np.r_[matrix.indices, to_node[usable]],
            np.r_[matrix.indptr, len(matrix.data) + 1 + np.arange(len(usable))],
        ),
        shape=(size + len(usable),) * 2,
    )
    numbers = np.arange(len(usable))
    searches: _Searches = []
    for bit in range(max(1, int(len(usable) - 1).bit_length())):
        for side in (0, 1):
            starts = numbers[(numbers >> bit) & 1 == side]
            if not len(starts):
                continue
            length, _, start = dijkstra(
                joined, directed=True, indices=size + starts, min_only=True, return_predecessors=True
            )
            reached = np.isfinite(length[:size])
            searches.append(
                (length[:size], np.where(reached, usable[np.where(reached, start[:size] - size, 0)], -1))
            )
    return searches


def _ways(
    searches: _Searches, node: NDArray[np.int64], offset: NDArray[np.float64], to_offset: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Network length from origins to the facilities that may be their nearest two; infinite elsewhere."""
    network = np.full((len(node), len(to_offset)), np.inf)
    for length, start in searches:
        found = start[node]
        rows = np.flatnonzero((found >= 0) & np.isfinite(offset))
        columns = found[rows]
        way = length[node[rows]] - to_offset[columns]
        network[rows, columns] = np.minimum(network[rows, columns], way)
    return network


def _joined(parts: list[TwoNearest]) -> TwoNearest:
    """Results of chunks of origins as one."""
    names = ("facility", "network_m", "access_m", "second", "second_network_m", "second_access_m")
    return TwoNearest(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _geodesics(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    to_lon: NDArray[np.float64],
    to_lat: NDArray[np.float64],
) -> NDArray[np.float64]:
    shape = (len(lon), len(to_lon))
    grid = np.broadcast_arrays(lon[:, None], lat[:, None], to_lon[None, :], to_lat[None, :])
    return geodesic_distance_m(*(values.ravel() for values in grid)).reshape(shape)


def _snap(
    tree: cKDTree, graph: RoadGraph, lon: NDArray[np.float64], lat: NDArray[np.float64], max_snap_m: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Nearest node of each point and the way to it; infinite beyond the maximum."""
    _, node = tree.query(on_sphere(lon, lat))
    offset = geodesic_distance_m(lon, lat, graph.lon_deg[node], graph.lat_deg[node])
    return np.asarray(node, dtype=np.int64), np.where(offset <= max_snap_m, offset, np.inf)


def _pick(network: NDArray[np.float64], access: NDArray[np.float64]) -> TwoNearest:
    count, places = network.shape
    total = np.where(np.isfinite(network) & np.isfinite(access), network + access, np.inf)
    order = np.argsort(total, axis=1, kind="stable")
    rows = np.arange(count)

    def one(place: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        if places <= place:
            nothing = np.full(count, np.nan)
            return np.full(count, -1, dtype=np.int64), nothing, nothing
        chosen = order[:, place]
        reached = np.isfinite(total[rows, chosen])
        return (
            np.where(reached, chosen, -1),
            np.where(reached, network[rows, chosen], np.nan),
            np.where(reached, access[rows, chosen], np.nan),
        )

    first, second = one(0), one(1)
    return TwoNearest(
        facility=first[0],
        network_m=first[1],
        access_m=first[2],
        second=second[0],
        second_network_m=second[1],
        second_access_m=second[2],
    )

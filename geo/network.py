"""Road graphs and nearest facilities on them: CSR, Dijkstra from the facilities, exact."""

from __future__ import annotations

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

_RADIUS_M = 6_371_008.8
_FIRST_CANDIDATES = 8
_SHORTEST_RATIO = 0.9
"""No way is shorter than this times the geodesic: the margin for rounded coordinates and lengths."""


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
    Exact: facilities are added until the next one is farther away along the geodesic than the
    second-nearest found. O(c · (m + n) log n) for c candidate facilities.
    """
    lon, lat = (np.asarray(values, dtype=np.float64).ravel() for values in origins)
    to_lon, to_lat = (np.asarray(values, dtype=np.float64).ravel() for values in facilities)
    straight = _geodesics(lon, lat, to_lon, to_lat)
    if graph is None:
        return _pick(straight, np.zeros_like(straight))
    count, places = straight.shape
    tree = cKDTree(on_sphere(graph.lon_deg, graph.lat_deg))
    node, offset = _snap(tree, graph, lon, lat, max_snap_m)
    to_node, to_offset = _snap(tree, graph, to_lon, to_lat, max_snap_m)
    matrix = graph.matrix()
    network = np.full((count, places), np.inf)
    done = np.zeros(places, dtype=bool)
    rank = np.argsort(straight, axis=1, kind="stable")
    wanted = np.unique(rank[:, :_FIRST_CANDIDATES]) if places else np.empty(0, dtype=np.int64)
    while len(wanted):
        done[wanted] = True
        routed = wanted[to_offset[wanted] <= max_snap_m]
        if len(routed):
            network[:, routed] = dijkstra(matrix, directed=False, indices=to_node[routed])[:, node].T
        access = offset[:, None] + to_offset[None, :]
        total = np.where(np.isfinite(network), network + access, np.inf)
        second = np.sort(total, axis=1)[:, min(1, places - 1)]
        nearer = (straight * _SHORTEST_RATIO < second[:, None]) & (offset <= max_snap_m)[:, None]
        wanted = np.flatnonzero(nearer.any(axis=0) & ~done & (to_offset <= max_snap_m))
    network[offset > max_snap_m] = np.inf
    return _pick(network, offset[:, None] + to_offset[None, :])


def nearest_roads(lon_deg: ArrayLike, lat_deg: ArrayLike, graph: RoadGraph) -> NDArray[np.float64]:
    """Straight distance of points to the nearest edge of a graph, metres.

    Notes
    -----
    Edges are taken as straight in longitude and latitude; O(m log m + n log m).
    """
    lon, lat = np.asarray(lon_deg, dtype=np.float64).ravel(), np.asarray(lat_deg, dtype=np.float64).ravel()
    squeeze = np.cos(np.radians(lat.mean())) if len(lat) else 1.0
    start, end = graph.ends[:, 0], graph.ends[:, 1]
    margin = 3.0
    inside = (
        (graph.lon_deg[start] > lon.min(initial=180.0) - margin)
        & (graph.lon_deg[start] < lon.max(initial=-180.0) + margin)
        & (graph.lat_deg[start] > lat.min(initial=90.0) - margin)
        & (graph.lat_deg[start] < lat.max(initial=-90.0) + margin)
    )
    result = np.full(len(lon), np.nan)
    if not inside.any():
        return result
    start, end = start[inside], end[inside]
    coordinates = np.stack(
        [
            np.column_stack([graph.lon_deg[start] * squeeze, graph.lat_deg[start]]),
            np.column_stack([graph.lon_deg[end] * squeeze, graph.lat_deg[end]]),
        ],
        axis=1,
    )
    edges = shapely.linestrings(coordinates)
    points = shapely.points(lon * squeeze, lat)
    found = shapely.STRtree(edges).query_nearest(points, all_matches=False)
    chosen = edges[found[1]]
    at = shapely.line_interpolate_point(chosen, shapely.line_locate_point(chosen, points[found[0]]))
    result[found[0]] = geodesic_distance_m(
        lon[found[0]], lat[found[0]], shapely.get_x(at) / squeeze, shapely.get_y(at)
    )
    return result


def on_sphere(lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.float64]:
    """Unit vectors of points, (n, 3): near on the sphere is near in space."""
    lon, lat = np.radians(np.asarray(lon_deg)), np.radians(np.asarray(lat_deg))
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


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

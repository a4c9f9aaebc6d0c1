"""Streets that go once zones are arranged: inside a zone, as long as its blocks stay walkable in size."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.partition.atoms import Atoms, join_atoms
from geo.partition.joiner import Joiner
from geo.partition.skeleton import COLLECTOR, LOCAL
from planning.catalogue.parks import ParkTemplate
from planning.zones.blocks import road_surface
from planning.zones.ground import Ground

__all__ = ["drop_streets"]

_STAGES = ((LOCAL, 0.55), (LOCAL, 0.8), (COLLECTOR, 0.8), (COLLECTOR, 1.0))
"""Streets of which class go inside a zone, as long as no block is larger than this share of the
square of the longest usual block side; a later stage only where roads take more than is usual."""
_STRAIGHT_DEG = 20.0
_CRUMB = 0.5
"""An atom that no block fits on joins a neighbour if it is smaller than this share of the median."""
_NO_HARM = 0.01
_ALIKE_M = 10.0
"""Block sides that differ by less are taken as equally long."""


def drop_streets(
    ground: Ground, atoms: Atoms, labels: NDArray[np.int64], template: ParkTemplate
) -> tuple[Atoms, NDArray[np.int64]]:
    """Take streets out between blocks of one zone, as long as blocks stay walkable in size.

    Parameters
    ----------
    ground : Ground
    atoms : Atoms
    labels : ndarray of shape (n,)
        −1 for atoms that no block fits on: they join a neighbour where they can.
    template : ParkTemplate

    Returns
    -------
    atoms, labels
        Afterwards.

    Notes
    -----
    Whole runs go first, from where the street leaves the zone to where it leaves it again, then
    single blocks' sides. None goes that leaves a dead end or a bend.
    """
    joiner = Joiner(atoms.faces, atoms.edges)
    own = labels.copy()
    _absorb(joiner, atoms, own, template, max(ground.widths))
    side = template.block_m[1]
    for rank, share in _STAGES:
        largest = share * side**2
        for edges in [*_runs(joiner, atoms, own, rank), *_singles(joiner, atoms, own, rank)]:
            now = edges[joiner.kept[edges]]
            trial = joiner.trial(now, largest) if len(now) else None
            if trial is not None and trial.harm <= _NO_HARM and _one_zone(trial.groups, own):
                joiner.join(trial)
        joined, first = join_atoms(atoms, joiner)
        roads = road_surface(ground, joined.streets()).area / ground.site.area
        if roads <= template.roads[1]:
            break
    return joined, own[first]


def _one_zone(groups: tuple[tuple[int, ...], ...], labels: NDArray[np.int64]) -> bool:
    return all(len({int(labels[one]) for one in group}) == 1 for group in groups)


def _absorb(
    joiner: Joiner, atoms: Atoms, labels: NDArray[np.int64], template: ParkTemplate, street_m: float
) -> None:
    """Join crumbs that no block fits on to a neighbour, across the longest border that may go.

    None goes to a zone that must be apart from another one across the street.
    """
    crumb = _CRUMB * float(np.median(shapely.area(atoms.faces)))
    ids = [zone.id for zone in template.zones]
    tree = shapely.STRtree(atoms.faces)
    for place in np.flatnonzero(labels < 0).tolist():
        if joiner.group(place) != place or atoms.faces[place].area > crumb:
            continue
        around = labels[tree.query(atoms.faces[place], predicate="dwithin", distance=street_m)]
        near = [ids[label] for label in np.unique(around[around >= 0])]
        borders = [(other, joiner.border(place, other)) for other in joiner.neighbours(place)]
        borders.sort(key=lambda entry: (-round(joiner.length_m(entry[1]), 3), entry[0]))
        for other, border in borders:
            label = int(labels[other])
            if label < 0 or any(template.letter(ids[label], one) == "X" for one in near):
                continue
            trial = joiner.trial(border)
            if trial is not None:
                joiner.join(trial)
                labels[list(trial.groups[0])] = label
                break


def _inside(joiner: Joiner, atoms: Atoms, labels: NDArray[np.int64], rank: int) -> NDArray[np.int64]:
    """Streets of a class, or lower ones, that have one zone on both sides."""
    one, two = joiner.sides[:, 0], joiner.sides[:, 1]
    edges = atoms.edges
    real = joiner.kept & ~edges.hard & (edges.rank <= LOCAL) & (edges.rank >= rank) & (one >= 0) & (two >= 0)
    found = np.flatnonzero(real)
    same = (labels[one[found]] == labels[two[found]]) & (labels[one[found]] >= 0) & (one[found] != two[found])
    return np.asarray(found[same])


def _runs(joiner: Joiner, atoms: Atoms, labels: NDArray[np.int64], rank: int) -> list[NDArray[np.int64]]:
    """Straight runs of streets inside one zone; first those along the long sides of blocks.

    Blocks that are joined across their long sides become squarer, across the short ones longer.
    """
    edges = atoms.edges
    inside = _inside(joiner, atoms, labels, rank)
    at: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for edge in inside.tolist():
        xy = shapely.get_coordinates(edges.lines[edge])
        label = int(labels[joiner.sides[edge, 0]])
        for node, step in ((edges.ends[edge, 0], xy[1] - xy[0]), (edges.ends[edge, 1], xy[-2] - xy[-1])):
            bearing = float(np.degrees(np.arctan2(step[1], step[0])))
            at.setdefault((int(node), label), []).append((edge, bearing))
    run = {edge: edge for edge in inside.tolist()}
    members = {edge: [edge] for edge in inside.tolist()}
    for here in at.values():
        for place, (one, first) in enumerate(here):
            for two, second in here[place + 1 :]:
                turn = abs((first - second + 180.0) % 360.0 - 180.0)
                if turn >= 180.0 - _STRAIGHT_DEG and run[one] != run[two]:
                    low, high = sorted((run[one], run[two]))
                    for edge in members.pop(high):
                        run[edge] = low
                        members[low].append(edge)
    found = [np.array(sorted(own)) for own in members.values()]
    return sorted(
        found,
        key=lambda own: (
            -round(joiner.length_m(own) / len(own) / _ALIKE_M),
            -round(joiner.length_m(own), 3),
            own[0],
        ),
    )


def _singles(joiner: Joiner, atoms: Atoms, labels: NDArray[np.int64], rank: int) -> list[NDArray[np.int64]]:
    inside = _inside(joiner, atoms, labels, rank)
    order = np.argsort(-np.round(shapely.length(atoms.edges.lines[inside]), 3), kind="stable")
    return [np.array([edge]) for edge in inside[order]]

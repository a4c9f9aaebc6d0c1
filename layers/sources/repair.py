"""Crossing polygons: mended where that is cheap, refused where it would stop everybody's work."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.sources.raw import LIMITS, Problem, RawTable
from layers.sources.readers.refusals import too_large

__all__ = ["MOST_CROSSINGS", "estimated_crossings", "mend", "repair_shapes"]

MOST_CROSSINGS = 20_000
"""A real outline crosses itself a few times; mending costs some 30 µs for each crossing."""
_PAIRS, _EXACT_PAIRS = 5_000_000, 200_000


def repair_shapes(table: RawTable, *, mend: bool) -> None:
    """Check the shapes of a table where it was read, under lock and limits.

    Parameters
    ----------
    table : RawTable
        With shapes; those that are mended are replaced, those that cannot be taken become problems.
    mend : bool
        Whether crossing polygons are mended; a boundary is not, its owner is told the place.

    Raises
    ------
    SourceError
        If all shapes together have more vertices than `LIMITS` allows.
    """
    assert table.shapes is not None
    blobs = np.array(table.shapes, dtype=object)
    shapes = np.asarray(shapely.from_wkb(blobs, on_invalid="ignore"), dtype=object)
    vertices = shapely.get_num_coordinates(shapes)
    if vertices.sum() > LIMITS.vertices:
        raise too_large(LIMITS.vertices, "vertices")
    refused = {int(place): "TOO_LARGE" for place in np.flatnonzero(vertices > LIMITS.vertices_per_shape)}
    # Missing and not finite ones have other names, given where the rows are checked.
    finite = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    broken = np.flatnonzero(finite & ~shapely.is_valid(shapes) & mend)
    for place in map(int, broken):
        if place in refused:
            continue
        mended = _mend(shapes[place])
        if isinstance(mended, str):
            refused[place] = mended
        else:
            table.shapes[place] = bytes(shapely.to_wkb(mended))
            table.repaired.append(table.source_rows[place])
    if refused:
        _set_aside(table, refused)


def mend(shape: shapely.Geometry) -> shapely.Geometry | None:
    """Return a valid shape of the same area, or None where nothing is left or it would take too long."""
    mended = _mend(shape)
    return None if isinstance(mended, str) else mended


def estimated_crossings(shape: shapely.Geometry) -> float:
    """How often the lines of a shape cross each other, estimated from a sample of its segments.

    Notes
    -----
    O(s · n) at worst for a sample of s segments among n; s · n is bounded.
    """
    corners, part = shapely.get_coordinates(_lines(shape), return_index=True)
    joined = part[1:] == part[:-1]
    ends = np.stack([corners[:-1][joined], corners[1:][joined]], axis=1)
    ends = ends[np.isfinite(ends).all(axis=(1, 2))]
    if len(ends) < 3:
        return 0.0
    segments = shapely.linestrings(ends)
    tree = shapely.STRtree(segments)
    step = max(1, len(ends) // 500, len(ends) ** 2 // _PAIRS)
    # Boxes first: they are cheap to compare, and in an outline that is none of a scribble they say it all.
    sample = segments[::step]
    overlaps = tree.query(sample).shape[1]
    if overlaps > _EXACT_PAIRS:
        sample = sample[:: -(-overlaps // _EXACT_PAIRS)]
    found = tree.query(sample, predicate="crosses").shape[1]
    return float(found) / len(sample) * len(segments) / 2


def _lines(shape: shapely.Geometry) -> NDArray[np.object_]:
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) == 7).any():  # collections inside collections
        parts = shapely.get_parts(parts)
    areas = shapely.get_type_id(parts) == 3
    return np.concatenate([shapely.get_rings(parts[areas]), shapely.get_parts(parts[~areas])])


def _mend(shape: shapely.Geometry) -> shapely.Geometry | str:
    if estimated_crossings(shape) > MOST_CROSSINGS:
        return "TOO_LARGE"
    try:
        mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    except shapely.errors.GEOSException:
        return "INVALID_GEOMETRY"
    return "INVALID_GEOMETRY" if mended.is_empty else mended


def _set_aside(table: RawTable, refused: dict[int, str]) -> None:
    """Turn records into problems: with their row, their reason and their text."""
    assert table.shapes is not None
    for place, code in refused.items():
        text = ",".join(table.rows[place])[:500]
        table.problems.append(
            Problem(source_row=table.source_rows[place], code=code, column="geometry", text=text)
        )
    kept = [place for place in range(len(table.rows)) if place not in refused]
    table.rows = [table.rows[place] for place in kept]
    table.source_rows = [table.source_rows[place] for place in kept]
    table.shapes = [table.shapes[place] for place in kept]

"""Outlines as a table of boundary points, the text that Chinese land offices exchange (界址点坐标).

Points stand with X, which is north, first; Y, which is east, carries the number of its zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyproj
import shapely

from geo.errors import N_, CrsError
from geo.units import ha
from layers.sources.readers.parcel_text import GRIDS, HEADINGS

__all__ = ["grid_of", "write_parcels_txt"]

_NAMES = {"2000": "2000国家大地坐标系", "80": "1980西安坐标系", "54": "1954北京坐标系"}
_ZONES = {3: 21, 6: 11}


def grid_of(crs: pyproj.CRS) -> tuple[str, int, int, bool] | None:
    """Datum, width of the zones in degrees, number of the zone, and whether eastings carry it.

    Parameters
    ----------
    crs : pyproj.CRS

    Returns
    -------
    tuple or None
        None for what is no Gauss–Krüger zone of CGCS2000, Xi'an 80 or Beijing 54.
    """
    code = crs.to_epsg() or 0
    for (datum, width), (first, numbered, plain) in GRIDS.items():
        for start, carries in ((numbered, True), (plain, False)):
            if 0 <= code - start < _ZONES[width]:
                return datum, width, code - start + first, carries
    return None


def write_parcels_txt(
    path: str | Path,
    outlines: Sequence[shapely.Geometry],
    crs: pyproj.CRS,
    *,
    names: Sequence[str] = (),
    decimals: int = 3,
) -> None:
    """Write polygons as a table of boundary points, in GB 18030 as land offices' programs read it.

    Parameters
    ----------
    path : path
    outlines : sequence of polygons and multipolygons
        In `crs`, metres. One parcel each: rings are numbered from 1, each outer one before its holes.
    crs : pyproj.CRS
        A Gauss–Krüger zone: see `grid_of`.
    names : sequence of str, optional
        Names of the parcels; else 地块1, 地块2 …
    decimals : int
        Of the coordinates. Read back, they are the same to the last digit written.

    Raises
    ------
    CrsError
        If the system is none that such a table can name.

    Notes
    -----
    Areas are those of the outlines, in hectares with four decimals. O(n) in the corners.
    """
    grid = grid_of(crs)
    if grid is None:
        raise CrsError(
            N_("“{crs}” is no Gauss–Krüger zone, which a table of boundary points needs"),
            hint=N_("give a CGCS2000 zone with --out-crs, for example EPSG:4527"),
            crs=crs.name,
        )
    datum, width, zone, carries = grid
    lines = [
        f"[{HEADINGS[0]}]",
        "格式版本号=1.01版本",
        "数据产生单位=",
        "数据产生日期=",
        f"坐标系={_NAMES[datum]}",
        f"几度分带={width}",
        "投影类型=高斯克吕格",
        "计量单位=米",
        f"带号={zone}",
        f"精度={10**-decimals:.{decimals}f}",
        "转换参数=,,,,,,",
        f"[{HEADINGS[1]}]",
    ]
    for number, outline in enumerate(outlines, start=1):
        name = names[number - 1] if names else f"地块{number}"
        lines += _parcel(outline, number, _plain(name), 0.0 if carries else zone * 1e6, decimals)
    Path(path).write_bytes("".join(f"{line}\r\n" for line in lines).encode("gb18030"))


def _parcel(outline: shapely.Geometry, number: int, name: str, offset: float, decimals: int) -> Iterator[str]:
    rings = []
    for part in shapely.get_parts(outline):
        for ring in (part.exterior, *part.interiors):
            corners = np.round(shapely.get_coordinates(ring), decimals)
            moved = np.append(True, (np.diff(corners, axis=0) != 0).any(axis=1))
            rings.append(corners[moved])
    yield f"{sum(map(len, rings))},{ha(shapely.area(outline)):.4f},{number},{name},面,,,,@"
    first = 1
    for ring_number, ring in enumerate(rings, start=1):
        last = first + len(ring) - 2
        for place, (east, north) in enumerate(ring):
            point = first + place if first + place <= last else first  # closed by its first point
            yield f"J{point},{ring_number},{north:.{decimals}f},{east + offset:.{decimals}f}"
        first = last + 1


def _plain(name: str) -> str:
    """A name in one cell of the table."""
    return " ".join(name.replace(",", "，").replace("@", "＠").split())

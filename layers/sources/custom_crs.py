"""Coordinate systems of towns and works, which no register knows: described by a file of the user.

The file says what the system is made of: a datum, a transverse Mercator projection with its own
meridian, origin, scale, height and rotation; and how it is tied to CGCS2000: by nothing (the datum
is CGCS2000 or WGS 84 itself), by seven parameters, by four parameters between two planes, or by
control points to which either is fitted. docs/examples/crs.toml is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from geo.area import CHINA_BOUNDS_DEG, cgcs2000_zone
from geo.errors import N_, CrsError, UsageError
from geo.transformations import (
    CONVENTIONS,
    BursaWolf,
    Fit,
    PlaneSimilarity,
    fit_bursa_wolf,
    fit_plane_similarity,
)
from layers.sources.crs_keys import PROJECTION, CrsKeys, read_crs_keys

__all__ = ["LocalSystem", "is_crs_file", "load_crs_file"]

Floats = NDArray[np.float64]
Convert = Callable[[Floats, Floats], tuple[Floats, Floats]]

_DATUMS = {
    "CGCS2000": (4490, 6_378_137.0, 298.257_222_101),
    "WGS84": (4326, 6_378_137.0, 298.257_223_563),
    "Xian80": (4610, 6_378_140.0, 298.257),
    "Beijing54": (4214, 6_378_245.0, 298.3),
}
"""EPSG code, semi-major axis (m) and inverse flattening: IAG 1975 for Xi'an 80, Krassovsky for Beijing 54."""
_TIED = ("CGCS2000", "WGS84")
_GOOD_FIT_M, _WORST_FIT_M = 1.0, 50.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalSystem:
    """A system that a file describes.

    Attributes
    ----------
    name : str
    convert : callable
        Takes easting and northing, gives longitude and latitude in degrees, WGS 84.
    approximate : bool
        Whether its datum has no tie to WGS 84: neither a public one nor the user's.
    zone_prefix : int or None
        Number in front of the eastings.
    note : mapping
        What is applied: ``system``, ``method`` and its parameters; of a fit also ``points``
        (name, residual_m) and ``rms_m``.
    """

    name: str
    convert: Convert
    approximate: bool
    zone_prefix: int | None = None
    note: Mapping[str, Any] = field(default_factory=dict)

    @property
    def precision(self) -> str:
        """How far the rows can be trusted because of a fit; empty where nothing was fitted."""
        return f"fitted, RMS {self.note['rms_m']:.3f} m" if "rms_m" in self.note else ""


def is_crs_file(text: str) -> bool:
    """Whether an answer to “which system” is the name of a file that describes one."""
    return text.strip().casefold().endswith(".toml")


def load_crs_file(path: str | Path) -> LocalSystem:
    """Read the description of a coordinate system.

    Raises
    ------
    UsageError
        If there is no such file, or it is wrong; file and key are told.
    """
    path = Path(path)
    return _System(read_crs_keys(path), path.name).build()


class _System(CrsKeys):
    """The keys of one file on their way to a system."""

    def build(self) -> LocalSystem:
        name = self.text(self.stored, "name", "") or self.file
        plane = self.section == "plane" or self.part.get("fit") == "plane"
        if self.section == "control" and self.part.get("fit") not in ("plane", "seven"):
            raise self.wrong("control.fit", N_("the fit is “plane” (four parameters) or “seven”"))
        made = self._planar() if plane else self._projected()
        return LocalSystem(
            name=name,
            convert=made.convert,
            approximate=made.approximate,
            zone_prefix=made.zone_prefix,
            note={"system": name, **made.note},
        )

    def _planar(self) -> LocalSystem:
        """From the local plane to another plane, whose place on the ground is known."""
        stray = next((key for key in PROJECTION if key in self.stored), None)
        if stray is not None:
            raise self.wrong(stray, N_("a tie between two planes takes no projection of the local one"))
        if self.section == "plane":
            target = self._target("plane.target")
            plane = PlaneSimilarity(
                shift_x_m=self.number("plane.shift_x_m"),
                shift_y_m=self.number("plane.shift_y_m"),
                scale=self.number("plane.scale", 1.0),
                rotation_deg=self.angle("plane.rotation", 0.0),
            )
            extra: dict[str, Any] = {}
        else:
            names, source, there = self.points()
            target = self._target("control.target")
            self._look_where(target, there)
            if target.is_geographic:
                target = cgcs2000_zone(float(there[:, 0].mean()))
                there[:, :2] = np.column_stack(_from_degrees(target)(there[:, 0], there[:, 1]))
            plane, fit = self._fitted(
                lambda: fit_plane_similarity(source[:, :2], there[:, :2], names),
                lambda: fit_plane_similarity(source[:, 1::-1], there[:, :2]),
            )
            extra = _fit_note(names, fit)
        self._plausible(plane.scale, f"{self.section}.scale")
        onwards = _to_degrees(target)
        note = {"method": "plane similarity", "target": _crs_name(target), **asdict(plane), **extra}
        return LocalSystem(
            name="", convert=lambda x, y: onwards(*plane.apply(x, y)), approximate=_untied(target), note=note
        )

    def _projected(self) -> LocalSystem:
        """From the local plane through its projection to its datum, and from there to CGCS2000."""
        datum = self.choice("datum", tuple(_DATUMS))
        code, axis_m, flattening = _DATUMS[datum]
        scale = self.number("scale", 1.0)
        self._plausible(scale, "scale")
        height = self.number("projection_height_m", 0.0)
        if not -500 <= height <= 9_000:
            raise self.wrong(
                "projection_height_m", N_("the value must be a height above the ellipsoid in metres")
            )
        meridian, latitude = self.angle("central_meridian"), self.angle("latitude_of_origin", 0.0)
        if not (60 <= meridian <= 150 and -90 <= latitude <= 90):
            raise self.wrong(
                "central_meridian", N_("the value must be the longitude of a meridian near China")
            )
        prefix = self.stored.get("zone_prefix")
        if prefix is not None and (not isinstance(prefix, int) or isinstance(prefix, bool) or prefix < 1):
            raise self.wrong(
                "zone_prefix", N_("the zone must be a whole number, the millions of the eastings")
            )
        grid = PlaneSimilarity(
            shift_x_m=self.number("false_easting_m", 0.0) + 1e6 * (prefix or 0),
            shift_y_m=self.number("false_northing_m", 0.0),
            scale=scale,
            rotation_deg=self.angle("rotation", 0.0),
        )
        project = pyproj.Transformer.from_pipeline(
            "+proj=pipeline +step +inv +proj=tmerc "
            f"+lon_0={meridian!r} +lat_0={latitude!r} +a={axis_m + height!r} +rf={flattening!r} "
            "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
        )

        def to_datum(x: Floats, y: Floats) -> tuple[Floats, Floats]:
            lon, lat = project.transform(*grid.undo(x, y))
            return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)

        tie, note = self._tie(to_datum, axis_m, flattening)
        approximate = tie is None and datum not in _TIED
        if tie is None:
            tie = _to_degrees(pyproj.CRS.from_epsg(code))
        onwards = tie
        projection = {
            "datum": datum,
            "central_meridian_deg": meridian,
            "latitude_of_origin_deg": latitude,
            "projection_height_m": height,
        } | asdict(grid)
        return LocalSystem(
            name="",
            convert=lambda x, y: onwards(*to_datum(x, y)),
            approximate=approximate,
            zone_prefix=prefix,
            note={"method": "projection", "projection": projection} | note,
        )

    def _tie(
        self, to_datum: Convert, axis_m: float, flattening: float
    ) -> tuple[Convert | None, dict[str, Any]]:
        """Seven parameters as they are given, or as they fit the control points."""
        if not self.section:
            return None, {}
        # Of a fit it only says how the rotations are reported.
        fallback = CONVENTIONS[0] if self.section == "control" else None
        convention = self.choice(f"{self.section}.convention", CONVENTIONS, fallback)
        ellipsoid = (axis_m, flattening)
        extra: dict[str, Any] = {}
        if self.section == "seven_parameters":
            seven = BursaWolf(
                shift_m=self.triple("shift_m"),
                rotation_arcsec=self.triple("rotation_arcsec"),
                scale_ppm=self.number("seven_parameters.scale_ppm"),
                convention=convention,  # type: ignore[arg-type]
            )
        else:
            names, source, there = self.points()
            target = self._target("control.target")
            if _untied(target):
                raise self.wrong("control.target", N_("the target itself has no tie to CGCS2000"))
            self._look_where(target, there)
            there[:, :2] = np.column_stack(_to_degrees(target)(there[:, 0], there[:, 1]))
            wanted = _geocentric(there[:, 0], there[:, 1], there[:, 2], *_DATUMS["WGS84"][1:])

            def fit(east: Floats, north: Floats) -> tuple[BursaWolf, Fit]:
                lon, lat = to_datum(east, north)
                if not np.isfinite(lon + lat).all():
                    raise CrsError(N_("the control points do not lie where the projection says"))
                known = _geocentric(lon, lat, source[:, 2], *ellipsoid)
                return fit_bursa_wolf(known, wanted, names, convention)  # type: ignore[arg-type]

            seven, found = self._fitted(
                lambda: fit(source[:, 0], source[:, 1]), lambda: fit(source[:, 1], source[:, 0])
            )
            extra = _fit_note(names, found)
        self._plausible(1 + seven.scale_ppm * 1e-6, f"{self.section}.scale_ppm")

        def convert(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
            moved = seven.apply(_geocentric(lon, lat, np.zeros_like(lon), *ellipsoid))
            return _geodetic(moved)

        return convert, {"method": "seven parameters", **asdict(seven), **extra}

    def _fitted(self, fit: Callable[[], tuple[Any, Fit]], turned: Callable[[], tuple[Any, Fit]]) -> Any:
        """Fit; where that fails or is far off, say whether east and north are exchanged."""
        try:
            found = fit()
            if found[1].rms_m <= _GOOD_FIT_M:
                return found
            failure: CrsError | None = None
        except CrsError as error:
            failure = error
        try:
            other: float = turned()[1].rms_m
        except CrsError:
            other = np.inf
        if other <= _GOOD_FIT_M:
            raise self.wrong("control.points", N_("east and north are exchanged: east comes first"))
        if failure is not None:
            raise UsageError(
                failure.template,
                hint=failure.hint_template,
                where=f"{self.file}: control.points",
                **failure.fields,
            )
        if found[1].rms_m > _WORST_FIT_M:
            raise UsageError(
                N_("the control points agree no better than {rms:.1f} m"),
                hint=N_("check their coordinates and the target"),
                where=f"{self.file}: control.points",
                rms=found[1].rms_m,
            )
        return found

    def _look_where(self, target: pyproj.CRS, there: Floats) -> None:
        """Refuse control points that the target puts outside China: most of them have north first."""
        west, south, east, north = CHINA_BOUNDS_DEG
        inside = []
        for order in ([0, 1], [1, 0]):
            lon, lat = _to_degrees(target)(*there[:, order].T)
            inside.append(bool(((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)).all()))
        if not inside[0]:
            raise self.wrong(
                "control.points",
                N_("east and north are exchanged: east comes first")
                if inside[1]
                else N_("the control points do not lie in China by their coordinates in the target"),
            )

    def _target(self, key: str) -> pyproj.CRS:
        text = self.text(self.part, key.partition(".")[2], key)
        geographic = {"CGCS2000": 4490, "WGS84": 4326}
        try:
            crs = pyproj.CRS.from_user_input(geographic.get(text.upper().replace(" ", ""), text))
        except (pyproj.exceptions.CRSError, ValueError):
            crs = None
        plane_only = self.section == "plane"
        if crs is None or not (crs.is_projected or (crs.is_geographic and not plane_only)):
            raise self.wrong(
                key,
                N_("the target must be projected, or for control points CGCS2000 or WGS84"),
            )
        return crs


def _fit_note(names: Sequence[str], fit: Fit) -> dict[str, Any]:
    points = [
        {"name": name, "residual_m": round(residual, 4)}
        for name, residual in zip(names, fit.residuals_m, strict=True)
    ]
    return {"points": points, "rms_m": round(fit.rms_m, 4)}


def _crs_name(crs: pyproj.CRS) -> str:
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(crs.name)


def _untied(crs: pyproj.CRS) -> bool:
    geodetic = crs.geodetic_crs
    return geodetic is None or geodetic.to_epsg() not in (4490, 4326)


def _to_degrees(crs: pyproj.CRS) -> Convert:
    turn = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return lambda x, y: tuple(np.asarray(part, dtype=np.float64) for part in turn.transform(x, y))  # type: ignore[return-value]


def _from_degrees(crs: pyproj.CRS) -> Convert:
    turn = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return lambda x, y: tuple(np.asarray(part, dtype=np.float64) for part in turn.transform(x, y))  # type: ignore[return-value]


def _geocentric(
    lon_deg: Floats, lat_deg: Floats, height_m: Floats, axis_m: float, flattening: float
) -> Floats:
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    squared = (2 - 1 / flattening) / flattening
    radius = axis_m / np.sqrt(1 - squared * np.sin(lat) ** 2)
    return np.column_stack(
        [
            (radius + height_m) * np.cos(lat) * np.cos(lon),
            (radius + height_m) * np.cos(lat) * np.sin(lon),
            (radius * (1 - squared) + height_m) * np.sin(lat),
        ]
    )


_GEOCENTRIC = pyproj.Transformer.from_crs(4978, 4979, always_xy=True)


def _geodetic(xyz: Floats) -> tuple[Floats, Floats]:
    lon, lat = _GEOCENTRIC.transform(*xyz.T)[:2]
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)

"""Keys of the file that describes a coordinate system: read, and looked at one by one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import N_, UsageError, nearest_name
from layers.sources.cells import parse_angle

__all__ = ["PROJECTION", "CrsKeys", "read_crs_keys"]

PROJECTION = (
    "datum",
    "central_meridian",
    "latitude_of_origin",
    "false_easting_m",
    "false_northing_m",
    "scale",
    "rotation",
    "projection_height_m",
    "zone_prefix",
)
_SECTIONS = {
    "seven_parameters": ("shift_m", "rotation_arcsec", "scale_ppm", "convention"),
    "plane": ("target", "shift_x_m", "shift_y_m", "scale", "rotation"),
    "control": ("fit", "target", "convention", "points"),
}
_WORST_SCALE = 0.01
"""Between two survey planes lengths differ by a few parts in ten thousand; more is a mistake."""
_POINT = ("name", "from", "to")
_MOST_BYTES = 100_000


def read_crs_keys(path: Path) -> dict[str, Any]:
    """Read the file, as it stands.

    Raises
    ------
    UsageError
        If there is no such file or it is no TOML.
    """
    try:
        # What is larger than any description is cut, and then is none.
        with path.open("rb") as stream:
            return tomllib.loads(stream.read(_MOST_BYTES).decode("utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UsageError(
            N_("the coordinate system “{name}” cannot be read: {reason}"),
            hint=N_("docs/examples/crs.toml shows one"),
            where=path.name,
            name=path.name,
            reason=reason,
        ) from None


class CrsKeys:
    """The keys of one file; every complaint names file and key.

    Attributes
    ----------
    stored : dict
        The whole file.
    file : str
        Its name.
    section : str
        Name of the section that ties the system to CGCS2000, empty if there is none.
    part : dict
        That section.
    """

    def __init__(self, stored: dict[str, Any], file: str) -> None:
        self.stored, self.file = stored, file
        self._known(stored, ("name", *PROJECTION, *_SECTIONS), "")
        sections = [name for name in _SECTIONS if name in stored]
        if len(sections) > 1:
            raise self.wrong(sections[1], N_("one tie to CGCS2000 is enough, and there is another"))
        self.section = sections[0] if sections else ""
        self.part = self._section(self.section)

    def points(self) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
        """Names of the control points, and where each lies in both systems: two arrays of shape (n, 3)."""
        points = self.part.get("points")
        if not isinstance(points, list) or not points or not all(isinstance(point, dict) for point in points):
            raise self.wrong(
                "control.points", N_("this must be a list of points, each with name, from and to")
            )
        names, ends = [], []
        for place, point in enumerate(points, start=1):
            self._known(point, _POINT, f"control.points, point {place}, ")
            names.append(str(point.get("name", place)))
            for key in ("from", "to"):
                values = point.get(key)
                if not _are_numbers(values, (2, 3)):
                    raise self.wrong(
                        f"control.points, point {names[-1]}, {key}",
                        N_("a place is [east, north] or [longitude, latitude], and a height where known"),
                    )
                ends.append([*map(float, values), 0.0][:3])
        both = np.array(ends, dtype=np.float64).reshape(-1, 2, 3)
        return names, both[:, 0].copy(), both[:, 1].copy()

    def _section(self, name: str) -> dict[str, Any]:
        if not name:
            return {}
        part = self.stored[name]
        if not isinstance(part, dict):
            raise self.wrong(name, N_("this must be a section, its name in square brackets"))
        self._known(part, _SECTIONS[name], f"{name}.")
        return part

    def _known(self, part: Mapping[str, Any], known: Sequence[str], prefix: str) -> None:
        for key in part:
            if key not in known:
                near = nearest_name(key, known)
                raise UsageError(
                    N_("there is no such key of a coordinate system"),
                    hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                    where=f"{self.file}: {prefix}{key}",
                    near=near,
                    known=", ".join(known),
                )

    def _value(self, key: str, default: Any = None) -> Any:
        _, dot, name = key.rpartition(".")
        value = (self.part if dot else self.stored).get(name, default)
        if value is None:
            raise self.wrong(key, N_("the key is missing"))
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """Return a number; without a default it must be there."""
        value = self._value(key, default)
        if not _are_numbers([value], (1,)):
            raise self.wrong(key, N_("the value must be a number"))
        return float(value)

    def angle(self, key: str, default: float | None = None) -> float:
        """Return an angle in degrees, given as a number or as degrees, minutes and seconds."""
        value = self._value(key, default)
        angle = parse_angle(value) if isinstance(value, str) else None
        if angle is None and not _are_numbers([value], (1,)):
            raise self.wrong(key, N_("the value must be an angle in degrees, such as 118.5 or 118°30′"))
        return float(value) if angle is None else angle

    def triple(self, name: str) -> tuple[float, float, float]:
        """Return three numbers of the section of seven parameters."""
        values = self._value(f"seven_parameters.{name}")
        if not _are_numbers(values, (3,)):
            raise self.wrong(
                f"seven_parameters.{name}", N_("the value must be a list of three numbers: x, y, z")
            )
        return float(values[0]), float(values[1]), float(values[2])

    def text(self, part: Mapping[str, Any], name: str, key: str) -> str:
        """Return a text; with a key it must be there."""
        value = part.get(name, "" if not key else None)
        if not isinstance(value, str):
            raise self.wrong(
                key or name, N_("the key is missing") if value is None else N_("the value must be a text")
            )
        return value.strip()

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """Return one of the known values."""
        value = self._value(key, default)
        if value not in known:
            raise self.wrong(key, N_("the value is none of those that are known"), known=known)
        return str(value)

    def _plausible(self, scale: float, key: str) -> None:
        if not abs(scale - 1) <= _WORST_SCALE:
            raise self.wrong(key, N_("lengths would change by more than a hundredth"))

    def wrong(self, key: str, reason: str, known: Sequence[str] = ()) -> UsageError:
        """Return the complaint about a key, with what is known of it."""
        return _complaint(f"{self.file}: {key}", reason, known)


def _complaint(place: str, reason: str, known: Sequence[str] = ()) -> UsageError:
    return UsageError(
        reason,
        hint=N_("known are: {known}") if known else N_("docs/examples/crs.toml shows one"),
        where=place,
        known=", ".join(known),
    )


def _are_numbers(values: Any, counts: tuple[int, ...]) -> bool:
    return (
        isinstance(values, list)
        and len(values) in counts
        and all(
            isinstance(one, (int, float)) and not isinstance(one, bool) and np.isfinite(one) for one in values
        )
    )

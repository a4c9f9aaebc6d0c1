"""The command as others use it: a process of its own where that matters, a call elsewhere."""

from __future__ import annotations

import csv
import json
import math
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import cli

ROOT = Path(__file__).resolve().parents[2]
CENTRES = ((118.405, 24.705), (118.412, 24.712), (118.36, 24.66))
OUTLINE = ((118.400, 24.700), (118.413, 24.7005), (118.4135, 24.711), (118.4005, 24.7105))
HASTE = "\n[zoning]\nevaluations = 50\nmoves = 0\n"
"""Fewer trials: the layout is a little worse and quickly made."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command left behind it: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object that stdout holds."""
        found = json.loads(self.out, parse_constant=_not_json)
        assert isinstance(found, dict)
        assert self.out.count("\n") == 1, "more than one line on stdout"
        return found

    @property
    def error(self) -> dict[str, Any]:
        """The error that stdout holds, every key of the contract in it."""
        assert set(self.json) == {"error"}
        error: dict[str, Any] = self.json["error"]
        assert {"kind", "code", "message", "hint", "where"} <= set(error)
        assert all(isinstance(error[key], str) for key in ("kind", "code", "message", "hint", "where"))
        return error


def _not_json(word: str) -> float:
    raise AssertionError(f"{word} is no JSON")


Command = Callable[..., Answer]


@pytest.fixture
def door(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return the function that runs a command in this process, in English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: object) -> Answer:
        capsys.readouterr()
        code = cli.main([str(word) for word in words])
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def command() -> Command:
    """Return the function that runs ``python -m parkplan`` as a process."""

    def run(*words: object, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> Answer:
        done = subprocess.run(
            [sys.executable, "-m", "parkplan", *map(str, words)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **(env or {})},
            capture_output=True,
            check=False,
        )
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def write_firms(path: Path, count: int = 60, *, seed: int = 3, header: Sequence[str] = ()) -> Path:
    """Write a firm table with three crowds, some lonely firms, one abroad and two bad rows."""
    chance = random.Random(seed)
    rows: list[list[object]] = [list(header) or ["企业编号", "企业名称", "经度", "纬度", "行业"]]
    for number in range(count):
        lon, lat = CENTRES[number % 3]
        spread = 0.002 if number % 10 else 0.05
        place = f"{lon + chance.gauss(0, spread):.6f}", f"{lat + chance.gauss(0, spread):.6f}"
        rows.append([f"{number:04d}", f"企业{number}", *place, "石材" if number % 4 else "物流"])
    rows += [
        ["9001", "无经度", "", "24.7", "石材"],
        ["9002", "坏经度", "东边", "24.7", "石材"],
        ["9003", "abroad", "-100", "40", "石材"],
    ]
    with path.open("w", encoding="utf-8", newline="") as sink:
        csv.writer(sink).writerows(rows)
    return path


def write_geojson(path: Path, *shapes: Mapping[str, Any], **properties: object) -> Path:
    """Write shapes as a FeatureCollection, all with the same properties."""
    features = [{"type": "Feature", "properties": properties, "geometry": shape} for shape in shapes]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def polygon(*corners: tuple[float, float]) -> dict[str, Any]:
    """Return the GeoJSON polygon with these corners."""
    return {"type": "Polygon", "coordinates": [[*map(list, corners), list(corners[0])]]}


def ring(lon: float, lat: float, radius_deg: float, corners: int = 12) -> dict[str, Any]:
    """Return a round GeoJSON polygon."""
    turns = [2 * math.pi * corner / corners for corner in range(corners)]
    return polygon(
        *((lon + radius_deg * math.cos(turn), lat + radius_deg * math.sin(turn)) for turn in turns)
    )


@pytest.fixture
def firms(tmp_path: Path) -> Path:
    """A firm table of 63 rows, two of which are rejected."""
    return write_firms(tmp_path / "firms.csv")


@pytest.fixture
def boundary(tmp_path: Path) -> Path:
    """An outline of some 1.5 km²."""
    return write_geojson(tmp_path / "park.geojson", polygon(*OUTLINE), name="园")


@pytest.fixture
def scenario(tmp_path: Path, firms: Path, boundary: Path) -> Path:
    """A scenario file with both, and few trials."""
    path = tmp_path / "scenario.toml"
    text = 'template = "software"\n[inputs]\nfirms = "firms.csv"\nboundary = "park.geojson"\n'
    path.write_text(text + HASTE, encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished run: its folder, its inputs and what it printed."""

    out: Path
    scenario: Path
    answer: Answer


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Ran:
    """One run of a whole scenario with gates, water and kept buildings; only to be looked at."""
    folder = tmp_path_factory.mktemp("ran")
    write_firms(folder / "firms.csv")
    write_geojson(folder / "park.geojson", polygon(*OUTLINE), name="园")
    write_geojson(folder / "pond.geojson", ring(118.4035, 24.7035, 0.0006))
    write_geojson(folder / "halls.geojson", ring(118.41, 24.708, 0.0004, 4))
    gate = {"type": "Point", "coordinates": [118.4068, 24.7003]}
    write_geojson(folder / "gates.geojson", gate, kind="port")
    path = folder / "scenario.toml"
    inputs = "\n".join(
        f'{kind} = "{name}"'
        for kind, name in (
            ("firms", "firms.csv"),
            ("boundary", "park.geojson"),
            ("water", "pond.geojson"),
            ("buildings", "halls.geojson"),
            ("gates", "gates.geojson"),
        )
    )
    path.write_text(f'template = "stone"\nwithin_km = 12.5\n[inputs]\n{inputs}\n{HASTE}', encoding="utf-8")
    answer = command("run", path, "-o", folder / "out", "--json")
    assert answer.code == 0, answer.err
    return Ran(folder / "out", path, answer)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Ran:
    """One run of the three files that the contract names, all else as it is by default."""
    folder = tmp_path_factory.mktemp("plain")
    firms = write_firms(folder / "firms.csv")
    park = write_geojson(folder / "park.geojson", polygon(*OUTLINE), name="园")
    words = ["--firms", firms, "--template", "software", "--boundary", park, "-o", folder / "out"]
    answer = command("run", *words, "--json", "--quiet")
    assert answer.code == 0, answer.err
    return Ran(folder / "out", folder / "out" / "scenario.toml", answer)

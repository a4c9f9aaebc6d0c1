"""`doctor`: what an installation can do, and what it lacks, even where it lacks a lot."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Command

ROOT = Path(__file__).resolve().parents[2]


def test_doctor_names_layers_versions_fonts_and_what_is_missing(door: Command):
    answer = door("doctor", "--json")
    assert answer.code == 0
    assert {"versions", "lockdown", "fonts", "missing"} <= set(answer.json)
    assert {"parkplan", "python", "geopandas", "streamlit"} <= set(answer.json["versions"])
    assert {"limits", "landlock", "seccomp"} <= set(answer.json["lockdown"])
    assert "Noto Sans SC" in answer.json["fonts"]
    assert isinstance(answer.json["missing"], list)
    people = door("doctor").out
    assert all(name in people for name in ("geopandas", "landlock", "Noto Sans SC", "leaflet"))


def test_an_installation_without_its_packages_can_still_be_examined(tmp_path):
    """With nothing but the standard library and our own files, as where `make env` broke off."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); import cli; sys.exit(cli.main(['doctor', '--json']))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(ROOT)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["versions"]["geopandas"] == "missing"
    assert "geopandas" in found["missing"][0]
    assert found["lockdown"]["reader"].startswith("missing")
    assert found["fonts"]["Noto Sans SC"] == "missing"

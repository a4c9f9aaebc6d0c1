"""What import-linter cannot see: the two doors, which are single files, and who may reproject."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = ("geo", "layers", "planning", "data")
# Longitude and latitude come in through the first two, and leave through the first.
REPROJECT = {"geo/area.py", "layers/sources/coordinates.py", "layers/sources/custom_crs.py"}


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path):
    """Return the top-level names that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize(("door", "not_its_own"), [("cli.py", {"app", "streamlit"}), ("app.py", {"cli"})])
def test_a_door_does_not_go_through_the_other(door, not_its_own):
    assert imported(ROOT / door) & not_its_own == set()


def test_no_import_is_relative():
    """A reader sees from where a name comes; import-linter sees it too."""
    for package in (*CORE, "ui", "parkplan"):
        for path in (ROOT / package).rglob("*.py"):
            imported(path)


def test_only_the_area_and_the_importer_reproject():
    reprojecting = {
        path.relative_to(ROOT).as_posix()
        for package in (*CORE, "ui")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"to_crs", "Transformer", "estimate_utm_crs"}
    }
    assert reprojecting <= REPROJECT


def test_importing_the_core_draws_nothing_in():
    """The core runs where there is no screen: neither Streamlit nor a plotting backend with windows."""
    code = "import sys, planning.pipeline, layers.stack, geo.area; print(*sorted(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in answer.stdout.split()}
    assert loaded & {"streamlit", "dask", "click", "folium", "tkinter", "app", "cli", "ui"} == set()

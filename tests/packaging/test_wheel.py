"""The wheel holds everything, and works in an environment that knows nothing of the checkout."""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from scripts import assets

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("data", "geo", "layers", "parkplan", "planning", "ui")
SOURCES_OF_WORDS = {".po", ".pot"}
FIND_COMPONENT = """
import json
from streamlit.components.v2.manifest_scanner import scan_component_manifests
for manifest, root in scan_component_manifests():
    for component in manifest.components:
        folder = component.resolve_asset_root(root)
        if folder is not None:
            files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
            print(json.dumps({"name": f"{manifest.name}.{component.name}", "folder": str(folder), "files": files}))
"""


def run(*command, cwd, **options):
    answer = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **options,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built beside the checkout and not in it."""
    place = tmp_path_factory.mktemp("wheel")
    settings = place / "settings.cfg"
    settings.write_text(f"[build]\nbuild_base = {place / 'build'}\n[egg_info]\negg_base = {place}\n")
    run(
        *(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, ROOT),
        cwd=place,
        env={**os.environ, "DIST_EXTRA_CONFIG": str(settings)},
    )
    (found,) = place.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment with the wheel and our dependencies, but without the checkout."""
    home = tmp_path_factory.mktemp("installed") / "env"
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip())
    for ours in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        shutil.copytree(ours, site, dirs_exist_ok=True, ignore=unwanted, copy_function=same_file)
    run(
        sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=home
    )
    return home


def unwanted(_folder, names):
    """Leave out the checkout's own registration and what is not needed to run."""
    return {name for name in names if "parkplan" in name or name in {"tests", "mypy"}}


def same_file(source, target):
    """Link rather than copy: the reader's lock-down takes only files that really lie in the environment."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.fixture
def outside(tmp_path, monkeypatch):
    """A folder that has nothing to do with the project."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path


def files_of_packages():
    """Return what a wheel must hold: every file of the packages that is not made from another."""
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not path.name.startswith(".")
        and path.suffix not in SOURCES_OF_WORDS
    } | {"app.py", "cli.py"}


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == files_of_packages()


def test_the_wheel_holds_the_front_end_libraries(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    vendor = "parkplan/frontend/vendor/"
    for target in (*assets.FILES.values(), "LICENSES.txt"):
        assert any(name == vendor + target or name.startswith(f"{vendor}{target}/") for name in names), target


def test_the_wheel_carries_licence_and_notice(wheel):
    with zipfile.ZipFile(wheel) as archive:
        for name in ("LICENSE", "NOTICE"):
            (found,) = (one for one in archive.namelist() if one.endswith(f".dist-info/licenses/{name}"))
            assert archive.read(found) == (ROOT / name).read_bytes()


@pytest.mark.parametrize("command", [["bin/parkplan"], ["bin/python", "-m", "parkplan"]])
def test_the_installed_command_answers(installed, outside, command):
    program, *words = command
    assert "zone" in run(installed / program, *words, "--help", cwd=outside)


def test_the_installed_command_lacks_nothing(installed, outside):
    found = json.loads(run(installed / "bin/parkplan", "doctor", "--json", cwd=outside))
    assert set(found["assets"].values()) == {"found"}
    assert "missing" not in found["versions"].values()


def test_the_installed_command_makes_a_plan_with_its_map(installed, outside):
    run(installed / "bin/parkplan", "run", "--sample", "shuitou", "-o", "plan", "--json", cwd=outside)
    assert {path.name for path in (outside / "plan").iterdir()} >= {"plan.gpkg", "map.html", "summary.json"}
    assert "leaflet-container" in (outside / "plan" / "map.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["wheel", "checkout"])
def test_streamlit_finds_the_map_component(installed, outside, kind):
    python = installed / "bin/python" if kind == "wheel" else sys.executable
    found = [json.loads(line) for line in run(python, "-c", FIND_COMPONENT, cwd=outside).splitlines()]
    (ours,) = (one for one in found if one["name"] == "parkplan.map")
    home = installed if kind == "wheel" else ROOT
    assert Path(ours["folder"]).is_relative_to(home.resolve())
    assert {"index.js", "index.css", "vendor/leaflet/leaflet.js"} <= set(ours["files"])


@pytest.mark.browser
def test_the_installed_app_shows_its_map(installed, outside, launch, page):
    port = free_port()
    server = launch([installed / "bin/parkplan", "app", "--port", port], port, cwd=outside)
    page.goto(server.url)
    page.locator(".leaflet-container").first.wait_for(timeout=60_000)
    assert f"http://localhost:{port}" in server.printed()


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

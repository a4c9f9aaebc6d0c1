"""Pins, ranges, licences and lock file agree with each other and with the code."""

import ast
import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
OURS = {"app", "cli", "data", "geo", "layers", "parkplan", "planning", "scripts", "ui"}
# Licences that would bind whoever passes the program on to the same licence.
COPYLEFT = re.compile(r"\b(A?GPL|Affero|GNU (?!Lesser))", re.IGNORECASE)


def pins(name):
    """Return name → version of a requirements file; every line must be an exact pin."""
    found = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text:
            package, sign, version = text.partition("==")
            assert sign, f"{name}: “{text}” is not pinned"
            assert canonicalize_name(package) not in found, f"{name}: {package} stands twice"
            found[canonicalize_name(package)] = version
    return found


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def runtime():
    return pins("requirements.txt")


@pytest.fixture(scope="module")
def everything(runtime):
    development = pins("requirements-dev.txt")
    assert not set(runtime) & set(development)
    return runtime | development


def needed_by(names):
    """Return what the named distributions need, and theirs, on this Python."""
    seen, open_ones = set(), {canonicalize_name(name) for name in names}
    while open_ones:
        name = open_ones.pop()
        seen.add(name)
        for text in metadata.requires(name) or ():
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                open_ones |= {canonicalize_name(wanted.name)} - seen
    return seen


def imported(*places):
    """Return the top-level modules that Python files import and that are neither ours nor Python's."""
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))]
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").partition(".")[0])
    return found - OURS - {"tests"} - set(sys.stdlib_module_names) - {"__future__"}


def distributions(modules):
    owners = metadata.packages_distributions()
    return {module: {canonicalize_name(name) for name in owners.get(module, ())} for module in modules}


def test_every_dependency_has_a_pin_within_its_range(project, runtime):
    for text in project["dependencies"]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(runtime[canonicalize_name(wanted.name)]), text
        assert {one.operator for one in wanted.specifier} == {">=", "<"}, f"{text}: floor and ceiling"


def test_the_pins_are_complete(project, runtime):
    wanted = needed_by(Requirement(text).name for text in project["dependencies"])
    assert wanted <= set(runtime)


def test_what_is_installed_is_what_is_pinned(everything):
    different = {
        name: metadata.version(name) for name, pin in everything.items() if metadata.version(name) != pin
    }
    assert different == {}, "say make env"


def test_the_program_imports_only_what_it_declares(project):
    declared = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
    places = [ROOT / name for name in (*sorted(OURS - {"app", "cli", "scripts"}), "app.py", "cli.py")]
    undeclared = [
        module for module, owners in distributions(imported(*places)).items() if not owners & declared
    ]
    assert undeclared == []


def test_tests_and_scripts_import_only_what_is_pinned(everything):
    unpinned = [
        module
        for module, owners in distributions(imported(ROOT / "scripts", ROOT / "tests")).items()
        if not owners & set(everything)
    ]
    assert unpinned == []


def test_no_dependency_binds_the_program_to_its_own_licence(everything):
    bound = []
    for name in everything:
        about = metadata.metadata(name)
        short = [about.get("License-Expression") or "", (about.get("License") or "").partition("\n")[0]]
        classes = [line for line in about.get_all("Classifier") or () if line.startswith("License")]
        if COPYLEFT.search(" ".join([*short, *classes])):
            bound.append(name)
    assert bound == []


def test_the_pins_are_for_every_python_that_is_promised(project):
    assert project["requires-python"] == ">=3.11,<3.14"


def test_versions_agree(project):
    component = tomllib.loads((ROOT / "parkplan" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (component["name"], component["version"]) == (project["name"], project["version"])
    assert metadata.version("parkplan") == project["version"]


def test_the_lock_file_names_contents_and_no_addresses():
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert locked[""]["dependencies"] == wanted
    for place, package in locked.items():
        assert "resolved" not in package, place
        if place:
            assert package["integrity"].startswith("sha512-"), place
    for name, version in wanted.items():
        assert locked[f"node_modules/{name}"]["version"] == version


def test_the_notice_names_every_front_end_library_with_its_licence():
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for place, package in locked.items():
        if place and not place.partition("node_modules/")[2].startswith("@types/"):
            name = place.rpartition("node_modules/")[2]
            family = "@turf" if name.startswith("@turf/") else name
            assert re.search(
                rf"^{re.escape(family)}\b.*{re.escape(licence(package))}", notice, re.MULTILINE
            ), name


def licence(package):
    """Return a package's licence by its right name."""
    return package["license"].replace("BDS-3", "BSD-3")


def test_the_notice_names_all_data_with_its_licence():
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    named = [
        f"data/reference/{path.name}" for path in (ROOT / "data" / "reference").iterdir() if path.is_file()
    ]
    for place in [*named, "data/catalogues", "data/samples"]:
        assert re.search(rf"^{re.escape(place)} +\S", notice, re.MULTILINE), place

"""`-o DIR`: files that are whole or not there, whatever happens in between."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo.errors import UsageError
from planning.report.files import fresh_directory, write_package
from tests.cli.conftest import Command

ROOT = Path(__file__).resolve().parents[2]
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, hidden ones too, with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def names(folder: Path) -> list[str]:
    """What lies in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def test_the_directory_is_made_with_those_above_it(door: Command, firms, tmp_path):
    assert door("import", firms, "-o", tmp_path / "a" / "b" / "c").code == 0
    assert names(tmp_path / "a" / "b") == ["c"]
    assert len(names(tmp_path / "a" / "b" / "c")) == 3


def test_an_empty_directory_is_filled_and_stays_the_same_directory(door: Command, firms, tmp_path):
    out = tmp_path / "out"
    out.mkdir(mode=0o700)
    before = out.stat()
    assert door("import", firms, "-o", out).code == 0
    after = out.stat()
    assert (after.st_ino, stat.S_IMODE(after.st_mode)) == (before.st_ino, 0o700)


def test_the_working_directory_can_be_the_place(door: Command, firms, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert door("import", firms, "-o", ".").code == 0
    assert names(tmp_path / "here") == ["accepted.gpkg", "mapping.toml", "rejects.csv"]
    assert names(tmp_path) == ["firms.csv", "here"]


def test_a_link_to_a_directory_is_followed(door: Command, firms, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert door("import", firms, "-o", tmp_path / "link").code == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "accepted.gpkg").is_file()


@pytest.mark.parametrize(
    "line",
    [
        "import firms.csv",
        "cluster firms.csv",
        "access firms.csv",
        "run --firms firms.csv",
        "zone --boundary firms.csv --template stone",
    ],
)
def test_a_directory_that_holds_files_is_exit_2_before_any_work_and_untouched(
    door: Command, firms, tmp_path, monkeypatch, line
):
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    (out / ".hidden").write_text("mine", encoding="utf-8")
    answer = door(*line.split(), "-o", "out", "--json")
    assert answer.code == 2
    assert "holds files" in answer.error["message"]
    assert "--force" in answer.error["hint"]
    assert "%" not in answer.err
    assert tree(tmp_path) == {"firms.csv": firms.read_bytes(), "out/.hidden": b"mine"}


def test_force_replaces_files_of_the_same_names_and_nothing_else(door: Command, firms, tmp_path):
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    for name in ("accepted.gpkg", "notes.txt", "sub/accepted.gpkg"):
        (out / name).write_text("old", encoding="utf-8")
    assert door("import", firms, "-o", out, "--force").code == 0
    files = tree(out)
    assert {name for name, content in files.items() if content == b"old"} == {
        "notes.txt",
        "sub/accepted.gpkg",
    }
    assert sorted(files) == ["accepted.gpkg", "mapping.toml", "notes.txt", "rejects.csv", "sub/accepted.gpkg"]


def test_force_does_not_take_a_folder_for_a_file(door: Command, firms, tmp_path):
    out = tmp_path / "out"
    (out / "rejects.csv").mkdir(parents=True)
    (out / "rejects.csv" / "precious").write_text("mine", encoding="utf-8")
    (out / "accepted.gpkg").write_text("old", encoding="utf-8")
    answer = door("import", firms, "-o", out, "--force", "--json")
    assert answer.code == 2
    assert "cannot be written" in answer.error["message"]
    assert tree(out) == {"rejects.csv/precious": b"mine", "accepted.gpkg": b"old"}


def test_an_import_can_go_on_in_its_own_directory(door: Command, firms, tmp_path):
    out = tmp_path / "out"
    door("import", firms, "-o", out)
    before = tree(out)["accepted.gpkg"]
    assert door("import", out, "-o", out, "--force").code == 0
    assert len(tree(out)["accepted.gpkg"]) == len(before)
    assert names(tmp_path) == ["firms.csv", "out"]


@pytest.mark.parametrize("force", [False, True])
def test_a_command_that_fails_leaves_no_file_and_no_folder(door: Command, tmp_path, force):
    bad = tmp_path / "bad.csv"
    bad.write_text("name,lon,lat\na,,\n", encoding="utf-8")
    words = ["-o", tmp_path / "a" / "b" / "out", *(["--force"] if force else [])]
    for line in (f"import {bad}", f"cluster {bad}", f"access {bad}", f"run --firms {bad}"):
        assert door(*line.split(), *words).code == 3
    assert tree(tmp_path) == {"bad.csv": bad.read_bytes()}
    assert names(tmp_path) == ["bad.csv"]


@pytest.mark.parametrize("kind", ["a file", "under a file", "a name too long", "a link in a circle"])
def test_a_place_that_can_be_none_is_exit_2(door: Command, firms, tmp_path, kind):
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    out = {
        "a file": firms,
        "under a file": firms / "out",
        "a name too long": tmp_path / ("x" * 300),
        "a link in a circle": tmp_path / "circle" / "out",
    }[kind]
    answer = door("import", firms, "-o", out, "--json")
    assert answer.code == 2
    assert answer.error["kind"] == "usage"
    assert answer.error["hint"]


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_a_place_without_the_right_to_write_is_exit_2(door: Command, firms, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    answer = door("import", firms, "-o", locked / "out", "--json")
    assert answer.code == 2
    assert "cannot be written" in answer.error["message"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 100 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = IS_ROOT and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", place], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("only root can make a small disk, and not everywhere")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("line", ["import {firms}", "cluster {firms}", "run --firms {firms}"])
@pytest.mark.parametrize("there", [False, True])
def test_a_full_disk_is_said_and_leaves_nothing_half_written(door: Command, firms, small_disk, line, there):
    # There: the directory is the file system itself, as a volume of a container is.
    out = small_disk if there else small_disk / "out"
    (small_disk / "ballast").write_bytes(b"x" * 30_000)
    answer = door(*line.format(firms=firms).split(), "-o", out, "--json", *(["--force"] if there else []))
    assert answer.code == 2
    assert answer.error["kind"] == "usage"
    assert "No space left" in answer.error["message"]
    assert "space" in answer.error["hint"]
    assert names(small_disk) == ["ballast"]


def test_a_directory_that_is_a_file_system_of_its_own_can_be_filled(door: Command, tmp_path, small_disk):
    path = tmp_path / "t.csv"
    path.write_text("name,lon,lat\na,118.4,24.7\n", encoding="utf-8")
    assert door("access", path, "-o", small_disk).code == 0
    assert names(small_disk) == ["access.csv"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_command_that_is_ended_in_the_middle_leaves_no_file_in_place(tmp_path, scenario, how):
    out = tmp_path / "out"
    scenario.write_text(
        scenario.read_text("utf-8").replace("evaluations = 50", "evaluations = 100000"), encoding="utf-8"
    )
    running = subprocess.Popen(
        [sys.executable, "-m", "parkplan", "run", scenario, "-o", out, "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background ignores the keyboard's signal, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread
    )
    assert running.stderr is not None
    for line in running.stderr:  # in the middle of the work
        if "arranging" in line:
            break
    running.send_signal(how)
    printed, _ = running.communicate(timeout=60)
    assert running.returncode == {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}[how]
    assert not out.exists()
    if how != signal.SIGKILL:
        assert '"error"' in printed
        assert printed.count("\n") == 1
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_command_that_is_killed_while_it_writes_leaves_only_whole_files(tmp_path):
    out = tmp_path / "out"
    code = f"""
import sys
from pathlib import Path
from geo.errors import UsageError
from planning.report.files import fresh_directory
with fresh_directory({str(out)!r}) as folder:
    for count in range(100_000):
        (folder / f"{{count % 50}}").write_bytes(b"x" * 100_000)
        if count == 20:
            print("writing", flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.kill()
    assert not out.exists()


def test_what_fails_while_the_files_are_moved_is_taken_back(tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    for name in "ab":
        (out / name).write_text("old", encoding="utf-8")
    real = Path.rename
    broken = OSError(5, "Input/output error")

    def rename(path: Path, target: Path) -> Path:
        if Path(target) == out / "c":
            raise broken
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)

    def write() -> None:
        with fresh_directory(out, force=True) as folder:
            for name in "abc":
                (folder / name).write_text("new", encoding="utf-8")
            (folder / "sub").mkdir()
            (folder / "sub" / "d").write_text("new", encoding="utf-8")

    with pytest.raises(UsageError, match="cannot be written"):
        write()
    assert tree(out) == {"a": b"old", "b": b"old"}
    assert names(tmp_path) == ["out"]


def test_a_file_that_the_program_lacks_is_no_matter_of_the_disk(tmp_path):
    with pytest.raises(FileNotFoundError), fresh_directory(tmp_path / "out"):
        (ROOT / "no such file").read_bytes()
    assert names(tmp_path) == []


def test_files_that_came_in_the_meantime_are_not_overwritten(tmp_path):
    def write() -> None:
        with fresh_directory(tmp_path / "out") as folder:
            (folder / "a").write_text("new", encoding="utf-8")
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "a").write_text("somebody's", encoding="utf-8")

    with pytest.raises(UsageError, match="holds files"):
        write()
    assert tree(tmp_path / "out") == {"a": b"somebody's"}


def test_the_rights_of_new_files_follow_the_umask(door: Command, firms, tmp_path):
    before = os.umask(0o027)
    try:
        assert door("import", firms, "-o", tmp_path / "out").code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o750
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").iterdir()} == {0o640}


def test_a_package_is_never_appended_to(tmp_path):
    import geopandas as gpd
    import shapely

    table = gpd.GeoDataFrame({"a": ["x"]}, geometry=[shapely.Point(0, 0)], crs=4326)
    for count in range(2):
        with fresh_directory(tmp_path / "out", force=count > 0) as folder:
            write_package(folder / "p.gpkg", {"l": table})
    assert len(gpd.read_file(tmp_path / "out" / "p.gpkg")) == 1

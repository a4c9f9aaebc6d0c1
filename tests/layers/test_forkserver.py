"""Warm workers: as locked, as mortal and as apart from each other as workers that start cold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geo.errors import CancelledError, ParkError
from layers.sources.importer import Imported, import_file
from layers.sources.worker import forkserver, parent

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not (sys.platform.startswith("linux") and hasattr(os, "pidfd_open")), reason="warm workers are of Linux"
)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Servers of this test alone."""
    forkserver.stop()
    yield
    forkserver.stop()


def table(folder: Path, rows: int = 1, name: str = "f.csv") -> Path:
    path = folder / name
    path.write_text("name,lon,lat\n" + "".join(f"{name}{n},118,24\n" for n in range(rows)), encoding="utf-8")
    return path


def servers() -> list[int]:
    return [server._process.pid for server in forkserver._servers._servers.values()]


def children_of(number: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{number}/task/{number}/children").read_text().split()]


def is_alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(what: Callable[[], object]) -> None:
    """Wait for what must come; the test fails where it does not."""
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def started(work: Callable[[], Imported]) -> tuple[threading.Thread, list[object]]:
    """Start an import in a thread; return the thread and where its end will stand."""
    ends: list[object] = []

    def run() -> None:
        try:
            ends.append(work())
        except ParkError as error:
            ends.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ends


def halted() -> int:
    """Number of the one child that reads right now, stopped in the middle of it."""
    until(servers)
    (server,) = servers()
    end = time.monotonic() + 20
    while not children_of(server):
        assert time.monotonic() < end
    (child,) = children_of(server)
    place = Path(f"/proc/{server}/cwd").readlink()
    until(lambda: Path(f"/proc/{child}/cwd").readlink() != place)  # now it dies with the server
    os.kill(child, signal.SIGSTOP)
    return child


def test_files_of_a_format_are_read_by_children_of_one_process(tmp_path: Path) -> None:
    first = import_file(table(tmp_path))
    (server,) = servers()
    assert not children_of(server)
    assert Path(f"/proc/{server}/status").read_text().split("Threads:")[1].split()[0] == "1"
    second = import_file(table(tmp_path, 3, "g.csv"))
    assert servers() == [server]
    assert (first.report.accepted, second.report.accepted) == (1, 3)


def test_a_warm_worker_is_as_locked_as_a_cold_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warm = parent.lockdown_status()
    assert servers()
    monkeypatch.setattr(forkserver, "start", lambda _: None)
    assert parent.lockdown_status() == warm
    warm_seccomp = warm["seccomp"]
    assert warm_seccomp == "on" or warm_seccomp.startswith("missing")


CHILDREN = """
import os, socket, subprocess, sys
from pathlib import Path
from layers.sources.worker import child, forkserver
from layers.sources.worker.lockdown import harden, harden_server

def tried(what):
    try:
        what()
        return "done"
    except Exception as error:
        return type(error).__name__

def job():
    locks = harden(Path.cwd(), memory_mb=4096, cpu_s=20, file_mb=10)
    assert locks["landlock"].startswith("on") and locks["seccomp"] == "on", locks
    other = Path.cwd().parent / ("b" if Path.cwd().name == "a" else "a")
    doors = [
        lambda: Path("mine").write_text("x"),
        lambda: (other / "input").read_text(),
        lambda: (other / "planted").write_text("x"),
        lambda: (Path.cwd().parent / "planted").write_text("x"),
        lambda: os.write(told, b"forged 0\\n"),
        lambda: socket.socket(),
        lambda: subprocess.run(["/bin/true"]),
        lambda: Path("/etc/passwd").read_text(),
    ]
    Path("answer").write_text(" ".join(map(tried, doors)) + f" {os.environ['HOME'] == str(Path.cwd())}")
    return 7

child.main = job
reply, told = os.pipe()
harden_server(Path.cwd())
for name in ("a", "b"):
    number = forkserver._fork(Path.cwd() / name, "delimited", (told, reply))
    _, status = os.waitpid(number, 0)
    assert os.waitstatus_to_exitcode(status) == 7, Path(name, "stderr").read_text()
"""


def test_a_child_sees_no_other_job_and_cannot_speak_for_the_server(tmp_path: Path) -> None:
    status = parent.lockdown_status()
    if not (status["landlock"].startswith("on") and status["seccomp"].startswith("on")):
        pytest.skip(f"this kernel has no lock: {status}")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "input").write_text("secret of another user")
    subprocess.run(
        [sys.executable, "-c", CHILDREN], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True
    )
    expected = "done PermissionError PermissionError PermissionError OSError PermissionError PermissionError PermissionError True"
    for name in ("a", "b"):
        assert (tmp_path / name / "answer").read_text() == expected
        assert not (tmp_path / name / "planted").exists()
    assert not (tmp_path / "planted").exists()


def test_a_cancelled_import_kills_its_child_and_no_other(tmp_path: Path) -> None:
    wanted = threading.Event()

    def listen(_share: float, _what: str) -> None:
        if wanted.is_set():
            raise CancelledError

    long, ends = started(lambda: import_file(table(tmp_path, 50_000), progress=listen))
    child = halted()
    assert import_file(table(tmp_path, 2, "beside.csv")).report.accepted == 2
    assert is_alive(child)
    wanted.set()
    long.join(timeout=20)
    assert isinstance(ends[0], CancelledError)
    until(lambda: not is_alive(child))
    assert is_alive(servers()[0])
    assert import_file(table(tmp_path, 2, "after.csv")).report.accepted == 2
    assert [one.name for one in tmp_path.parent.glob("parkplan-*")] == []


def test_a_child_that_is_killed_is_a_sentence_and_the_server_lives_on(tmp_path: Path) -> None:
    long, ends = started(lambda: import_file(table(tmp_path, 50_000)))
    os.kill(halted(), signal.SIGKILL)
    long.join(timeout=20)
    assert isinstance(ends[0], ParkError)
    assert ends[0].code == "TOO_LARGE"
    (server,) = servers()
    assert import_file(table(tmp_path, 2, "after.csv")).report.accepted == 2
    assert servers() == [server]


def test_a_server_that_is_killed_takes_its_children_along_and_the_file_is_read_all_the_same(
    tmp_path: Path,
) -> None:
    import_file(table(tmp_path))
    long, ends = started(lambda: import_file(table(tmp_path, 50_000, "long.csv")))
    child = halted()
    (server,) = servers()
    os.kill(server, signal.SIGKILL)
    until(lambda: not is_alive(child))
    long.join(timeout=60)
    assert isinstance(ends[0], Imported)
    assert ends[0].report.accepted == 50_000
    assert import_file(table(tmp_path, 2, "after.csv")).report.accepted == 2
    assert servers() != [server]


def test_servers_end_though_somebody_holds_on_to_their_pipe(tmp_path: Path) -> None:
    """As a child does that was stopped before it could ask to die with its server."""
    import_file(table(tmp_path))
    (server,) = servers()
    pipes = [one for one in Path(f"/proc/{server}/fd").iterdir() if "pipe:" in str(one.readlink())]
    held = [os.open(pipe, os.O_RDWR | os.O_NONBLOCK) for pipe in pipes]
    assert held
    ending = threading.Thread(target=forkserver.stop, daemon=True)
    ending.start()
    ending.join(timeout=20)
    assert not ending.is_alive()
    assert not is_alive(server)
    assert import_file(table(tmp_path, 2, "after.csv")).report.accepted == 2
    for pipe in held:
        os.close(pipe)


def test_a_server_that_cannot_start_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forkserver, "_servers", forkserver._Servers())
    monkeypatch.setattr(forkserver, "locked_environment", lambda *_: {"PYTHONHOME": "/nowhere"})
    for _ in range(3):
        assert import_file(table(tmp_path)).report.accepted == 1
    assert servers() == []


@pytest.mark.parametrize("way", ["sys.exit()", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_servers_end_with_the_process_that_started_them(way: str, tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from layers.sources.worker import forkserver\n"
        "from layers.sources.importer import import_file\n"
        "import_file(sys.argv[1])\n"
        "print(*(server._process.pid for server in forkserver._servers._servers.values()), flush=True)\n"
        + way
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(table(tmp_path))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    (number,) = map(int, done.stdout.split())
    until(lambda: not is_alive(number))


def test_many_imports_at_once_get_each_their_own(tmp_path: Path) -> None:
    paths = [table(tmp_path, rows, f"f{rows}.csv") for rows in range(1, 17)]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(import_file, paths))
    assert [one.report.accepted for one in got] == list(range(1, 17))
    assert [one.table["name"].iloc[0] for one in got] == [f"{path.name}0" for path in paths]
    assert len(servers()) == 1


FORKED = """
import os, sys
from layers.sources.worker import forkserver
from layers.sources.importer import import_file
def number():
    return [server._process.pid for server in forkserver._servers._servers.values()]
import_file(sys.argv[1])
mine = number()
child = os.fork()
if child == 0:
    assert import_file(sys.argv[1]).report.accepted == 1
    assert number() and number() != mine
    forkserver.stop()
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert import_file(sys.argv[1]).report.accepted == 1
assert number() == mine
"""


def test_a_fork_of_the_app_has_servers_of_its_own(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED, str(table(tmp_path))], cwd=ROOT, check=True, timeout=60
    )

"""Warm workers: for each format a process that has imported its reader and forks a child for each file.

Starting Python and importing a reader takes longer than most files take to read. The server of a
format does that once. It opens no upload: each child locks itself down for good, reads one file and
ends, so nothing of one file is left for the next. A server is no copy of the app and has one thread,
which is what makes forking it safe. It ends with the process that started it.

Linux only; elsewhere, and whenever no server can be had, each file starts a worker of its own.
docs/decisions/0009-warm-workers.md says what was measured.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import logging
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from layers.sources.readers.formats import sniff_file
from layers.sources.worker.lockdown import harden_server, locked_environment, own_places

__all__ = ["GoneError", "WarmWorker", "start", "stop"]

_LOG = logging.getLogger(__name__)
_IDLE_S = 900.0
"""A server that nobody has asked for this long ends, and gives its memory back."""
_OTHER_FORMAT = 75
"""A child ends so whose file is not of the server's format: its reader cannot be imported any more."""
_NO_FORMAT = "none"
_PR_SET_PDEATHSIG = 1


class GoneError(RuntimeError):
    """No server answers for this file: it ended, or the file is of another format than it seemed."""


class WarmWorker:
    """A child of a server with its one job; it is waited for and killed as a process of our own is.

    Attributes
    ----------
    job : Path
        Its folder, the only place where it may write.
    """

    def __init__(self, server: _Server, job: Path) -> None:
        self.job = job
        self.ended: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._server = server
        self._is_running = False

    def run(self) -> None:
        """Have the server fork.

        Raises
        ------
        GoneError
            If there is no server any more.
        """
        self._server.send(f"run {self.job.name}")
        self._is_running = True

    def wait(self, timeout: float) -> int:
        """Return how the worker ended, as `subprocess.Popen.wait` does.

        Raises
        ------
        subprocess.TimeoutExpired
            If it has not ended yet.
        GoneError
            If the server is gone, and its children with it, or is not the one for this file.
        """
        try:
            code = self.ended.get(timeout=timeout)
        except queue.Empty:
            raise subprocess.TimeoutExpired(self.job.name, timeout) from None
        self._is_running = False
        if code in (None, _OTHER_FORMAT):
            raise GoneError
        assert code is not None
        return code

    def close(self) -> None:
        """Kill the worker if it still runs, and remove its folder."""
        with contextlib.suppress(GoneError, subprocess.TimeoutExpired):
            if self._is_running:
                self._server.send(f"kill {self.job.name}")
                self.wait(timeout=5.0)
        if self._is_running:  # the server does not listen: it goes, and its children with it
            self._server.end()
        self._server.forget(self)
        shutil.rmtree(self.job, ignore_errors=True)


class _Server:
    """What this process knows of a server: two pipes and the workers that are under way."""

    def __init__(self, kind: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="parkplan-jobs-"))
        self.is_gone = self.has_served = False
        self._workers: dict[str, WarmWorker] = {}
        self._lock = threading.Lock()
        environment = locked_environment(os.environ, self.folder)
        environment |= {
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "PYTHONSAFEPATH": "1",
            "JE_ARROW_MALLOC_CONF": "background_thread:false",  # Arrow's second allocator starts a thread
        }
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "layers.sources.worker.forkserver", kind, str(os.getpid())],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, name=f"parkplan-workers-{kind}", daemon=True)
        self._listener.start()

    def worker(self) -> WarmWorker:
        worker = WarmWorker(self, Path(tempfile.mkdtemp(prefix="job-", dir=self.folder)))
        with self._lock:
            self._workers[worker.job.name] = worker
        return worker

    def send(self, line: str) -> None:
        assert self._process.stdin is not None
        with self._lock:
            if self.is_gone:
                raise GoneError
            try:
                self._process.stdin.write(f"{line}\n".encode())
                self._process.stdin.flush()
            except (OSError, ValueError):
                raise GoneError from None

    def forget(self, worker: WarmWorker) -> None:
        with self._lock:
            self._workers.pop(worker.job.name, None)

    def end(self) -> None:
        """End the server and all that it forked."""
        assert self._process.stdin is not None
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):  # what was to be sent to it
            self._process.stdin.close()
        self._listener.join(timeout=5.0)
        self._go()  # a child that was stopped in its first instants holds on to the pipe
        shutil.rmtree(self.folder, ignore_errors=True)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as replies:
            for line in replies:
                name, code = line.decode().split()
                self.has_served = True
                with self._lock:
                    worker = self._workers.get(name)
                if worker is not None:
                    worker.ended.put(int(code))
        self._go()

    def _go(self) -> None:
        with self._lock:
            self.is_gone = True
            for worker in self._workers.values():
                worker.ended.put(None)


class _Servers:
    """The servers of this process, one a format."""

    def __init__(self) -> None:
        self._servers: dict[str, _Server] = {}
        self._lock = threading.Lock()
        self._are_useless = not (sys.platform.startswith("linux") and hasattr(os, "pidfd_open"))

    def worker(self, kind: str) -> WarmWorker | None:
        with self._lock:
            server = self._servers.get(kind)
            if server is not None and server.is_gone:
                server.end()
                del self._servers[kind]
                if not server.has_served:  # it never will: whatever stops it here stops the next one, too
                    _LOG.warning("workers cannot be kept warm: each file starts one of its own")
                    self._are_useless = True
            if self._are_useless:
                return None
            if kind not in self._servers:
                self._servers[kind] = _Server(kind)
            return self._servers[kind].worker()

    def end(self) -> None:
        with self._lock:
            while self._servers:
                self._servers.popitem()[1].end()


_servers = _Servers()


def start(kind: str) -> WarmWorker | None:
    """Return a worker with a folder of its own, ready to `WarmWorker.run`; start a server where none is.

    Parameters
    ----------
    kind : str
        Format whose reader the server imports, as `formats.sniff` names it; in brackets, none.

    Returns
    -------
    WarmWorker or None
        None where this system has no such servers.
    """
    return _servers.worker(_served(kind))


def _served(kind: str) -> str:
    return _NO_FORMAT if kind.startswith("(") else kind


def stop() -> None:
    """End the servers of this process."""
    _servers.end()


def _forget() -> None:
    """A fork of the app shares the pipes but must not speak on them."""
    global _servers  # noqa: PLW0603 - one a process
    _servers = _Servers()


atexit.register(stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


# --- the server's own side ------------------------------------------------------------------------


def main() -> int:
    """Fork a child for each job until nobody is left to ask, or nobody has asked for long."""
    from layers.sources.worker import child

    kind, parent = sys.argv[1], int(sys.argv[2])
    child.warm_up(kind)
    gc.disable()  # a child lives for one file
    folder = Path.cwd()
    commands, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
    harden_server(folder)
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        return 1  # a library has started a thread, and only a process of one thread is safely forked
    children: dict[int, tuple[int, str]] = {}  # handle of a process → its number and its job
    unread = b""
    last = time.monotonic()
    while os.getppid() == parent and (children or time.monotonic() - last < _IDLE_S):
        ready, _, _ = select.select([commands, *children], [], [], 1.0)
        for handle in set(ready) & set(children):
            number, name = children.pop(handle)
            os.close(handle)
            _, status = os.waitpid(number, 0)
            os.write(replies, f"{name} {os.waitstatus_to_exitcode(status)}\n".encode())
        if commands not in ready:
            continue
        told = os.read(commands, 65_536)
        if not told:
            break
        last = time.monotonic()
        *lines, unread = (unread + told).split(b"\n")
        for line in lines:
            verb, name = line.decode().split()
            if verb == "run":
                number = _fork(folder / name, kind, (commands, replies, *children))
                children[os.pidfd_open(number)] = (number, name)
            else:
                _kill(number for number, job in children.values() if job == name)
    _kill(number for number, _ in children.values())
    return 0


def _fork(job: Path, kind: str, foreign: tuple[int, ...]) -> int:
    server = os.getpid()
    number = os.fork()
    if number == 0:
        _be_a_worker(job, kind, server, foreign)
    with contextlib.suppress(OSError):  # in the child, too: whichever comes first, a kill finds the group
        os.setpgid(number, number)
    return number


def _kill(groups: Iterable[int]) -> None:
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def _be_a_worker(job: Path, kind: str, server: int, foreign: tuple[int, ...]) -> NoReturn:
    """Do one job in a fresh child, and never come back."""
    code = 1
    try:
        os.setpgid(0, 0)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != server:  # it went before its death could be a signal
            os._exit(code)
        for handle in foreign:
            os.close(handle)
        os.chdir(job)
        log = os.open("stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        os.environ.update(own_places(job))
        gc.enable()
        from layers.sources.worker import child

        code = child.main() if _served(sniff_file(job / "input")) == kind else _OTHER_FORMAT
    except BaseException:  # noqa: BLE001 - as at the top of any process
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main())

"""What tests share: a real browser that may not leave this machine, and a served app."""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, WebSocketRoute, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
START_LIMIT_S = 60


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser: $CHROMIUM, else the first on the PATH."""
    named = os.environ.get("CHROMIUM")
    found = next(filter(None, map(shutil.which, [named] if named else CHROMIUM_NAMES)), None)
    if found is None:
        reason = f"no {named or 'chromium'} on this machine (make system installs Debian's)"
        if os.environ.get("CI", "") not in ("", "0", "false"):
            pytest.fail(f"{reason}, and in CI that is a failure")
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def playwright(chromium_path: str) -> Iterator[Playwright]:
    """The driver; asked for only where there is a browser to drive."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """Headless Chromium with Chinese glyphs."""
    started = playwright.chromium.launch(executable_path=chromium_path, args=list(CHROMIUM_OPTIONS))
    yield started
    started.close()


@contextmanager
def guarded_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """Open an empty page, Chinese, 1280 × 900, unless `options` say otherwise.

    Every request that would leave the machine is refused and kept in ``page.outside``, every error
    of a script in ``page.problems``. Both must be empty in the end; a test that provokes one clears
    the list.
    """
    usual = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", "accept_downloads": True}
    context = browser.new_context(**usual | options)
    outside: list[str] = []
    problems: list[str] = []

    def refuse(route: Route) -> None:
        outside.append(route.request.url)
        route.abort()

    def refuse_socket(socket_: WebSocketRoute) -> None:
        outside.append(socket_.url)
        socket_.close()

    context.route(_leaves, refuse)
    context.route_web_socket(_leaves, refuse_socket)
    context.on("weberror", lambda error: problems.append(error.error.message))
    shown = context.new_page()
    shown.outside, shown.problems = outside, problems
    try:
        yield shown
    finally:
        context.close()
    assert outside == [], "requests left the machine"
    assert problems == [], "scripts failed in the browser"


@pytest.fixture(scope="session")
def guarded(browser: Browser) -> Callable[..., Any]:
    """Return `guarded_page` of the shared browser, for tests that share one page."""
    return functools.partial(guarded_page, browser)


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page of `guarded_page`; its last picture is ``last.png`` in the test's own folder."""
    with guarded_page(browser) as shown:
        yield shown
        if not shown.is_closed():
            shown.screenshot(path=tmp_path / "last.png")


@dataclass(frozen=True, slots=True)
class Server:
    """A running app: its address and what it printed."""

    url: str
    log: Path

    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Return the function that starts a server and waits for its answer; it runs to the session's end.

    ``launch(command, port, cwd=…, NAME="value")``: words of the command, the port that it will
    listen on, its folder, and what its environment has besides ours.
    """
    running: list[subprocess.Popen[bytes]] = []

    def start(command: Sequence[object], port: int, *, cwd: Path = ROOT, **environment: str) -> Server:
        log = tmp_path_factory.mktemp("server") / "server.log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                [str(word) for word in command],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
            )
        running.append(server)
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_LIMIT_S
        while not _answers(f"{url}/_stcore/health"):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8')}")
            time.sleep(0.1)
        return Server(url, log)

    yield start
    for server in running:
        server.terminate()
    for server in running:
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture(scope="session")
def serve(launch: Callable[..., Server]) -> Callable[..., Server]:
    """Return the function that serves a Streamlit script as a person would, on a free port."""

    def start(script: Path = ROOT / "app.py", *, cwd: Path = ROOT, **environment: str) -> Server:
        port = free_port()
        command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", port]
        return launch([*command, "--server.headless", "true"], port, cwd=cwd, **environment)

    return start


@pytest.fixture(scope="session")
def app(serve: Callable[..., Server]) -> Server:
    """The app as ``streamlit run app.py`` starts it; shared, since each page is a session of its own."""
    return serve()


def _leaves(url: str) -> bool:
    address = urlsplit(url)
    return address.scheme in ("http", "https", "ws", "wss") and address.hostname not in LOOPBACK


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False

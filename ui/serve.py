"""Start the app's server on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from geo.errors import N_, UsageError

__all__ = ["free_port", "serve", "server_command", "warm_up"]

_OPTIONS = {
    "server.address": "127.0.0.1",
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.maxUploadSize": "200",
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": "localhost",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "theme.font": "'Source Sans', 'Noto Sans SC', 'Noto Sans CJK SC', 'Source Han Sans SC', "
    "'Microsoft YaHei', 'PingFang SC', sans-serif",
    "theme.light.primaryColor": "#1f6f8b",
    "theme.dark.primaryColor": "#2b809e",
}
"""What .streamlit/config.toml says, for an installation without that file."""
_HOSTS = ("localhost", "127.0.0.1")  # by any other name somebody else's page could reach this server
_TRIES = 20


# What clusters need is compiled once an installation. In a process of its own, for the compiler
# holds Python's lock, and at the lowest priority: the first page is not to wait for it.
_WARM_UP = """
import os
if hasattr(os, "nice"):
    os.nice(19)
from geo.density import dbscan
dbscan([(0, 0)], 1, 1)
"""


def server_command(port: int) -> list[str]:
    """Return the command that serves the app on a port of the loopback address."""
    app = Path(__file__).parents[1] / "app.py"
    options = [word for name, value in _OPTIONS.items() for word in (f"--{name}", value)]
    options += [word for host in _HOSTS for word in ("--server.allowedHosts", host)]
    return [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(port), *options]


def free_port(wanted: int) -> int:
    """Return the first free port from `wanted` on.

    Raises
    ------
    UsageError
        If twenty in a row are taken.
    """
    for port in range(wanted, wanted + _TRIES):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise UsageError(
        N_("the ports {first} to {last} are all taken"),
        hint=N_("give another one with --port N"),
        where="--port",
        first=wanted,
        last=wanted + _TRIES - 1,
    )


def warm_up() -> subprocess.Popen[bytes]:
    """Compile what clusters need, beside and behind everything else; nothing waits for it."""
    quiet = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
        [sys.executable, "-c", _WARM_UP], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )


def serve(port: int) -> None:
    """Replace this process by the server; print the address first."""
    chosen = free_port(port)
    print(f"http://localhost:{chosen}", flush=True)  # noqa: T201 - the address is the result
    warm_up()
    command = server_command(chosen)
    os.execv(command[0], command)  # noqa: S606 - our own interpreter, no shell

"""The server is shut to everybody else until somebody opens it."""

import http.client
import tomllib
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from ui import serve

ROOT = Path(__file__).resolve().parents[2]
SHUT = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "server.address": "127.0.0.1",
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 200,
}


@pytest.fixture(scope="module")
def settings():
    return flat(tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")))


def flat(values, before=""):
    """Name settings as Streamlit does: theme.light.primaryColor."""
    found = {}
    for name, value in values.items():
        found |= flat(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}": value}
    return found


def test_the_checkout_serves_this_machine_only(settings):
    assert {name: settings.get(name) for name in SHUT} == SHUT
    assert set(settings["server.allowedHosts"]) == {"localhost", "127.0.0.1"}


def test_an_installed_program_serves_as_the_checkout_does(settings):
    """A wheel has no .streamlit folder: the command line says the same."""
    words = serve.server_command(8501)
    said = {}
    for name, value in pairwise(words):
        if name.startswith("--"):
            said.setdefault(name.removeprefix("--"), []).append(value)
    assert said.pop("server.port") == ["8501"]
    assert {name: as_words(settings[name]) for name in said} == said
    by_default = {"server.enableCORS", "server.enableXsrfProtection", "server.enableStaticServing"}
    assert set(SHUT) - by_default <= set(said)


def as_words(value):
    """Write a setting as the command line takes it."""
    return [
        str(one).lower() if isinstance(one, bool) else str(one)
        for one in (value if isinstance(value, list) else [value])
    ]


def test_streamlit_knows_every_setting(settings):
    from streamlit import config

    known = set(config.get_config_options())
    assert set(settings) <= known


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost", "http://localhost", 101),
        ("127.0.0.1", "http://127.0.0.1", 101),
        ("rebound.example", "http://rebound.example", 403),
        ("localhost", "http://foreign.example", 403),
    ],
)
def test_only_our_own_pages_get_a_session(app, host, origin, status):
    """Neither a page from elsewhere nor a name that was made to point at this machine."""
    port = int(app.url.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest("GET", "/_stcore/stream", skip_host=True)
    for name, value in {
        "Host": f"{host}:{port}",
        "Origin": f"{origin}:{port}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    with closing(connection):
        assert connection.getresponse().status == status

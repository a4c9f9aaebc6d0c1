"""The browser tests really notice what leaves the machine or fails in the page."""

import pytest

pytestmark = pytest.mark.browser

ASK = {
    "fetch": "url => fetch(url).then(() => 'answered', () => 'refused')",
    "picture": "url => new Promise(done => {const one = new Image(); one.onload = () => done('answered');"
    " one.onerror = () => done('refused'); one.src = url})",
    "socket": "url => new Promise(done => {const one = new WebSocket(url); one.onmessage = () => done('answered');"
    " one.onclose = () => done('refused')})",
}


@pytest.mark.parametrize(("kind", "scheme"), [("fetch", "https"), ("picture", "http"), ("socket", "wss")])
def test_a_request_that_leaves_the_machine_is_refused_and_kept(page, kind, scheme):
    address = f"{scheme}://tiles.example/1.png"
    assert page.evaluate(ASK[kind], address) == "refused"
    assert [one.rstrip("/") for one in page.outside] == [address]
    page.outside.clear()


def test_a_script_that_fails_is_kept(page):
    page.evaluate("setTimeout(() => { throw new Error('broken') })")
    page.wait_for_timeout(100)
    assert page.problems == ["broken"]
    page.problems.clear()


def test_our_own_server_is_let_through(page, app):
    page.goto(app.url)
    assert page.evaluate(ASK["fetch"], f"{app.url}/_stcore/health") == "answered"
    assert page.outside == []

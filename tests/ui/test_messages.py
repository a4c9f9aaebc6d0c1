"""Text from files is shown letter by letter, whatever Markdown would make of it."""

import pytest
from markdown_it import MarkdownIt

from ui.messages import plain

HOSTILE = [
    "**bold** _it_ `code` ~~gone~~",
    "[click](http://evil.example)",
    "![picture](http://evil.example/a.png)",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "# heading",
    "1. list",
    "- list",
    "> quote",
    "a | b\n--|--",
    "$x^2$ and $$y$$",
    "&lt;b&gt;",
    "back\\slash",
    "www.evil.example and https://evil.example and a@b.example",
    ":red[coloured] :smile: :material/home:",
    "行业_名称_2024 *石材*",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_the_text_itself(text):
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": False}).parse(plain(text))
    kinds = {token.type for token in tokens}
    assert kinds <= {"paragraph_open", "inline", "paragraph_close"}
    children = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in children} <= {"text", "text_special", "softbreak"}
    shown = "".join("\n" if child.type == "softbreak" else child.content for child in children)
    assert shown.replace("\u2060", "") == text


@pytest.mark.parametrize("text", [text for text in HOSTILE if ":" in text or "@" in text or "www" in text])
def test_shortcodes_and_addresses_are_broken_up(text):
    shown = plain(text)
    for dangerous in ("://", "www.evil", ":smile:", ":material/", "a@b", ":red["):
        assert dangerous not in shown


@pytest.mark.parametrize("text", ["radius_m", "共 214 家企业，其中 12.5% 在园区内", "(a) – “b”", "a + b = c"])
def test_ordinary_text_is_left_alone(text):
    assert plain(text) == text

"""The two READMEs say the same, in the order a reader needs it, with the words that the app uses."""

import re

import pytest

from scripts.pages import CHINESE, ENGLISH, FENCE, READMES, links, prose, shell_lines, text
from ui.text import translator

LABEL = {ENGLISH: re.compile(r"(?<!\*)\*([^*\n]+)\*(?!\*)"), CHINESE: re.compile(r"“([^”\n]+)”")}


def outline(name):
    """Return the kinds of blocks, in order: headings with their level, tables with their rows, code."""
    shape = []
    for block in re.split(r"\n{2,}", prose(name).strip()):
        lines = block.splitlines()
        kind = re.match(r"#+|```|\||!\[|\*\*|- |\[", lines[0])
        rows = len(lines) if kind and kind[0] in ("|", "- ") else 1
        shape.append((kind[0] if kind else "text", rows))
    return shape


def first_steps(name):
    """The paragraphs of the three users."""
    return [block for block in prose(name).split("\n\n") if block.startswith("**")]


def test_the_readmes_have_the_same_sections():
    assert outline(CHINESE) == outline(ENGLISH)


def test_the_readmes_give_the_same_commands():
    assert shell_lines(CHINESE) == shell_lines(ENGLISH)
    assert FENCE.findall(text(CHINESE)) == FENCE.findall(text(ENGLISH))


def test_the_readmes_link_to_the_same_places():
    own = [target.replace("-zh.png", "-en.png") for target in links(CHINESE)]
    assert [ENGLISH if target == CHINESE else target for target in links(ENGLISH)] == own


@pytest.mark.parametrize("name", READMES)
def test_the_first_screen_is_sentence_picture_commands_and_three_users(name):
    kinds = [kind for kind, _ in outline(name)]
    assert kinds[:5] == ["#", "text", "[", "![", "```"]
    assert shell_lines(name)[:2] == [["make", "run"], ["make", "test"]]
    lead = prose(name).split("\n\n")[1]
    assert len(re.findall(r"[.。]", lead)) == 1
    sections = re.findall(r"^## (.+)$", text(name), re.MULTILINE)
    assert sections[:2] == {ENGLISH: ["First steps", "Where is what"], CHINESE: ["第一步", "目录"]}[name]
    assert len(first_steps(name)) == 3


def test_every_label_is_the_apps_own_and_the_same_in_both_languages():
    chinese = translator("zh")
    steps = zip(first_steps(ENGLISH), first_steps(CHINESE), strict=True)
    for one, other in steps:
        assert chinese(one.split("**")[1].rstrip(".")) == other.split("**")[1].rstrip("。")
        labels = LABEL[ENGLISH].findall(one)
        assert labels
        assert [label for label in labels if chinese(label) == label] == []
        # Word order differs between the languages; what is named does not.
        assert sorted(map(chinese, labels)) == sorted(LABEL[CHINESE].findall(other))

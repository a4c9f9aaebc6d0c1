"""The two READMEs say the same, and what they name is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGLISH, CHINESE = READMES = ("README.md", "README.zh-CN.md")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def commands(name):
    """Return the lines of all code blocks, without what stands behind a #."""
    return [
        (language, [line.partition(" #")[0].rstrip() for line in body.splitlines()])
        for language, body in FENCE.findall(text(name))
    ]


def outline(name):
    """Return the kinds of blocks, in order: headings with their level, tables with their rows, code."""
    prose = FENCE.sub("```", text(name))
    shape = []
    for block in re.split(r"\n{2,}", prose.strip()):
        lines = block.splitlines()
        kind = re.match(r"#+|```|\||!\[|\*\*|- |\[", lines[0])
        rows = len(lines) if kind and kind[0] in ("|", "- ") else 1
        shape.append((kind[0] if kind else "text", rows))
    return shape


def targets(name):
    return LINK.findall(text(name))


def test_the_readmes_have_the_same_sections():
    assert outline(CHINESE) == outline(ENGLISH)


def test_the_readmes_give_the_same_commands():
    assert commands(CHINESE) == commands(ENGLISH)


def test_the_readmes_link_to_the_same_places():
    own = [target.replace("-zh.png", "-en.png") for target in targets(CHINESE)]
    assert [ENGLISH if target == CHINESE else target for target in targets(ENGLISH)] == own


@pytest.mark.parametrize("name", READMES)
def test_every_link_of_a_readme_leads_somewhere(name):
    missing = [target for target in targets(name) if "://" not in target and not holds(ROOT / target)]
    assert missing == []


def holds(place):
    """Return whether something is there: git keeps no empty folder."""
    return place.is_file() or (place.is_dir() and any(place.iterdir()))


def test_every_make_target_that_is_named_exists():
    makefile = text("Makefile")
    pages = [
        *READMES,
        "CONTRIBUTING.md",
        *(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")),
    ]
    # Only what is written as code is a command: “make sense” in a sentence is not.
    named = {
        target
        for page in pages
        for target in re.findall(r"(?:`|^)make ([a-z][a-z-]*)", text(page), re.MULTILINE)
    }
    assert {"run", "test"} <= named
    assert {target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


def test_every_command_of_a_readme_is_one_of_ours():
    for _, lines in commands(ENGLISH):
        for line in lines:
            if line.startswith(".venv/bin/parkplan "):
                command = line.split()[1]
                answer = subprocess.run(
                    [sys.executable, "cli.py", command, "--help"],
                    cwd=ROOT,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert answer.returncode == 0, line
                options = {word for word in line.split() if word.startswith("--")}
                assert {word for word in options if word not in answer.stdout} == set(), line

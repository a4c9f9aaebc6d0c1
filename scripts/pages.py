"""Read the pages of the documentation: code blocks, commands, links; for the tests of what they say."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENGLISH, CHINESE = READMES = ("README.md", "README.zh-CN.md")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
INLINE = re.compile(r"`([^`\n]+)`")
NOT_OURS = {"node_modules", "out", "build", "dist"}


def all_pages():
    """Names of every Markdown page of the project, hidden and made folders left out."""
    return sorted(
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.md")
        if not any(
            part.startswith(".") or part in NOT_OURS or part.endswith(".egg-info")
            for part in path.relative_to(ROOT).parts
        )
    )


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def prose(name):
    """Text of a page without its code blocks."""
    return FENCE.sub("```", text(name))


def blocks(name, language):
    """Bodies of the code blocks of a language."""
    return [body for marked, body in FENCE.findall(text(name)) if marked == language]


def shell_lines(name):
    """Commands of the sh blocks, without what stands behind a #."""
    lines = [line for body in blocks(name, "sh") for line in body.splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def inline_code(name):
    return INLINE.findall(prose(name))


def links(name):
    return LINK.findall(text(name))

"""Collect the messages of the program and compile the catalogues (make text).

The template ``messages.pot`` and the catalogues ``messages.po`` and ``messages.mo`` are committed,
so that the program needs no tool to speak; tests/ui/test_text.py says when they are out of step.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "ui" / "text" / "locale"
TEMPLATE = LOCALES / "messages.pot"
LANGUAGES = ("zh_CN",)
PLACES = ("app.py", "cli.py", "geo", "layers", "parkplan", "planning", "ui")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# Dates would make every run a change; the other headers are for projects with translators elsewhere.
UNWANTED = (
    b'"POT-Creation-Date:',
    b'"PO-Revision-Date:',
    b'"Project-Id-Version:',
    b'"Report-Msgid-Bugs-To:',
    b'"Last-Translator:',
    b'"Language-Team:',
    b'"Generated-By:',
)
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}


def sources() -> list[Path]:
    """Return every Python file that may hold messages, in a fixed order."""
    found: list[Path] = []
    for place in PLACES:
        path = ROOT / place
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return found


def collect() -> Catalog:
    """Return a catalogue of all messages in the code, each with the files that hold it."""
    catalogue = _empty(None)
    for path in sources():
        for _line, message, comments, context in extract_from_file(
            "python", path, keywords=KEYWORDS, comment_tags=("L10N:",)
        ):
            catalogue.add(
                message,
                locations=[(path.relative_to(ROOT).as_posix(), 1)],
                auto_comments=comments,
                context=context,
            )
    return catalogue


def _empty(locale: str | None) -> Catalog:
    what = f"{locale} words of Parkplan." if locale else "Messages of Parkplan."
    return Catalog(
        locale=locale, project="parkplan", charset="utf-8", header_comment=f"# {what}", fuzzy=False
    )


def read(path: Path, locale: str | None = None) -> Catalog:
    """Read a template or a catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def po_bytes(catalogue: Catalog) -> bytes:
    """Return a catalogue as text, its messages sorted, without dates and line numbers."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, sort_output=True, include_lineno=False, omit_header=False, width=100)
    lines = buffer.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(UNWANTED))


def mo_bytes(catalogue: Catalog) -> bytes:
    """Return a compiled catalogue; a date that the text does not hold would be today's."""
    catalogue.creation_date = catalogue.revision_date = EPOCH
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def _replace(path: Path, content: bytes) -> None:
    """Write a file at once: whoever reads it meanwhile sees all of the old one."""
    half = path.with_suffix(f".{os.getpid()}")
    half.write_bytes(content)
    half.replace(path)


def main() -> int:
    """Update template and catalogues; say what still needs a translator."""
    template = collect()
    TEMPLATE.parent.mkdir(parents=True, exist_ok=True)
    TEMPLATE.write_bytes(po_bytes(template))
    missing = 0
    for language in LANGUAGES:
        path = LOCALES / language / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = read(path, language) if path.exists() else _empty(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _replace(path, po_bytes(catalogue))
        compiled = read(path, language)
        path.with_suffix(".mo").write_bytes(mo_bytes(compiled))
        open_ones = [message.id for message in compiled if message.id and not message.string]
        missing += len(open_ones)
        print(f"{language}: {len(compiled)} messages, {len(open_ones)} not translated")
        for message in open_ones:
            print(f"  {message!r}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

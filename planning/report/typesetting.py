"""Text in a picture: how wide it is, where its lines break, and which characters can be drawn."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font, LoadFlags

from planning.report.labels import font_path

__all__ = ["drawable", "families", "shortened", "width_pt", "wrapped"]

_SIZE_PT = 100.0
_BOX = "\N{WHITE SQUARE}"
# A word of letters and the blanks behind it, one Chinese character with the mark that may not begin
# a line, or a run of blanks.
_PIECE = re.compile(r"[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef][，。、；：！？）》”…]*\s*|\s+")


@functools.cache
def _paths() -> tuple[str, ...]:
    """Font files in the order in which they are asked for a character."""
    own = font_path()
    fallback = font_manager.findfont("DejaVu Sans")
    return (str(own), fallback) if own is not None else (fallback,)


def families() -> list[str]:
    """Names of the font families for matplotlib, the Chinese one first where it is installed."""
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in _paths():
        if path not in known:
            font_manager.fontManager.addfont(path)
    return [font_manager.FontProperties(fname=path).get_name() for path in _paths()]


@functools.cache
def _faces() -> tuple[FT2Font, ...]:
    faces = tuple(FT2Font(Path(path)) for path in _paths())
    for face in faces:
        face.set_size(_SIZE_PT, 72)
    return faces


@functools.lru_cache(maxsize=20_000)
def _advance(character: str) -> float:
    """Width of a character over the size of its font; negative where no font has it."""
    for face in _faces():
        if face.get_char_index(ord(character)):
            glyph = face.load_char(ord(character), flags=LoadFlags.NO_HINTING)
            return float(glyph.linearHoriAdvance) / 65_536 / _SIZE_PT
    return -1.0


def drawable(text: object) -> str:
    """Return the text on one line, with a box for each character that no font has."""
    plain = " ".join(str(text).split())
    return "".join(one if _advance(one) >= 0 else _BOX for one in plain)


def width_pt(text: str, size_pt: float) -> float:
    """Width of a line of drawable text, points."""
    return sum(_advance(one) for one in text) * size_pt


def wrapped(text: object, size_pt: float, most_pt: float) -> list[str]:
    """Break a text into lines no wider than `most_pt`, between words and between Chinese characters.

    Parameters
    ----------
    text : object
    size_pt : float
        Size of the font, points.
    most_pt : float

    Returns
    -------
    list of str
        At least one line; nothing of the text is left out but blanks at the breaks.
    """
    lines, line = [], ""
    for piece in _PIECE.findall(drawable(text)):
        if line and width_pt(line + piece.rstrip(), size_pt) > most_pt:
            lines.append(line.rstrip())
            line = ""
        # A word that no line holds breaks anywhere.
        while width_pt(piece.rstrip(), size_pt) > most_pt and len(piece) > 1:
            fits = 1
            while width_pt(piece[: fits + 1], size_pt) <= most_pt:
                fits += 1
            lines.append(piece[:fits])
            piece = piece[fits:]  # noqa: PLW2901 - what is left of it
        line += piece
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def shortened(text: object, size_pt: float, most_pt: float) -> str:
    """Return a text on one line, its end left out with “…” where it is too wide."""
    line = drawable(text)
    if width_pt(line, size_pt) <= most_pt:
        return line
    while line and width_pt(line + "…", size_pt) > most_pt:
        line = line[:-1]
    return line + "…"

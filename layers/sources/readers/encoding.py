"""Text out of bytes: every byte decoded strictly, in the one encoding that makes sense, or asked."""

from __future__ import annotations

import re

from geo.errors import N_, ChoiceError, Option, SourceError

__all__ = ["decode"]

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_LOOKED_AT = 5_000
_SIGNS = "°′″"
"""Of angles; the bytes of ° in UTF-8 are 掳 in GB 18030, which no table holds alone."""
_LEVEL_1 = {"gb2312": (0xB0, 0xD7), "big5": (0xA4, 0xC6)}
"""First bytes of the characters that each standard holds to be of everyday use."""
_RARE, _COMMON = 0.3, 0.7
"""A reading with a smaller share of everyday Chinese than the first is doubted for one above the second."""


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Decode all of `data` strictly; return the text and the encoding used.

    Parameters
    ----------
    data : bytes
        The whole file: a sample may hide the one name that is not ASCII.
    encoding : str, optional
        Stated by the user; by default BOM, strict UTF-8, strict GB 18030, else asked.

    Raises
    ------
    SourceError
        If it is in none of them.
    ChoiceError
        If two encodings are plausible.
    """
    if encoding is not None:
        try:
            return data.decode(encoding).removeprefix("\ufeff"), encoding.lower()
        except (UnicodeDecodeError, LookupError) as error:
            raise SourceError(
                N_("the file is not in the encoding “{encoding}”: {reason}"),
                hint=N_("try utf-8 or gb18030"),
                where=encoding,
                code="UNDECODABLE_TEXT",
                encoding=encoding,
                reason=error,
            ) from None
    for mark, name in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(name).removeprefix("\ufeff"), name
            except UnicodeDecodeError as error:
                raise SourceError(
                    N_("the file says that it is {encoding}, but byte {byte} is not"),
                    hint=N_("save it again as UTF-8"),
                    code="UNDECODABLE_TEXT",
                    encoding=name,
                    byte=error.start,
                ) from None
    text = _try(data, "utf-8")
    if text is not None:
        if data.isascii() or _everyday(text) >= _RARE:
            return text, "utf-8"
        other = _try(data, "gb18030")
        if other is not None and _everyday(other) > _COMMON:
            raise _ask({"utf-8": text, "gb18030": other})
        return text, "utf-8"
    text = _try(data, "gb18030")
    if text is not None:
        other = _try(data, "big5") if _everyday(text) < _RARE else None
        if other is not None and _everyday(other, "big5") > _COMMON:
            raise _ask({"gb18030": text, "big5": other})
        return text.removeprefix("\ufeff"), "gb18030"
    raise SourceError(
        N_("the text is neither UTF-8 nor GB 18030"),
        hint=N_("state its encoding, for example big5, with --encoding"),
        code="UNDECODABLE_TEXT",
    )


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _everyday(text: str, encoding: str = "gb2312") -> float:
    """Share of the first characters beyond ASCII that are of angles or everyday Chinese."""
    first, last = _LEVEL_1[encoding]
    other = ""
    for found in _FOREIGN.finditer(text):
        other += found.group()
        if len(other) >= _LOOKED_AT:
            break
    other = other[:_LOOKED_AT]
    everyday = sum(map(other.count, _SIGNS))
    for character in other:
        try:
            everyday += first <= character.encode(encoding)[0] <= last
        except UnicodeEncodeError:
            continue
    return everyday / len(other) if other else 1.0


def _ask(readings: dict[str, str]) -> ChoiceError:
    lines = {name: text.splitlines()[:5] for name, text in readings.items()}
    preview = [
        {name: lines[name][place][:200] for name in lines}
        for place in range(min(len(found) for found in lines.values()))
    ]
    return ChoiceError(
        N_("the text can be read as {first} and as {second}"),
        hint=N_("choose the reading that makes sense"),
        about="encoding",
        code="UNDECODABLE_TEXT",
        options=[Option(name, name, f"--encoding {name}") for name in readings],
        preview=preview,
        first=next(iter(readings)),
        second=next(reversed(readings)),
    )

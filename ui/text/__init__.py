"""Words for people: gettext catalogues, one translator a language, nothing global."""

from __future__ import annotations

import functools
import gettext
from collections.abc import Callable
from pathlib import Path

__all__ = ["LANGUAGES", "LOCALES", "translator"]

LOCALES = Path(__file__).parent / "locale"
LANGUAGES = {"zh": "简体中文", "en": "English"}
_CATALOGUES = {"zh": "zh_CN"}


@functools.cache
def translator(lang: str) -> Callable[[str], str]:
    """Return the function that translates English templates into a language.

    Parameters
    ----------
    lang : str
        ``zh`` or ``en``; English is what the templates are written in.
    """
    if lang not in _CATALOGUES:
        return str
    catalogue = gettext.translation("messages", LOCALES, languages=[_CATALOGUES[lang]], fallback=True)

    def translate(template: str) -> str:
        # gettext answers the empty template with the catalogue's own header.
        return catalogue.gettext(template) if template else ""

    return translate

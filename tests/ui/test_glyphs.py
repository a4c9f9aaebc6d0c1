"""Chinese shows as characters in the browser, not as boxes."""

import os
from pathlib import Path

import matplotlib as mpl
import pytest

pytestmark = pytest.mark.browser

CHARACTERS = "园区规划鹏埔亩㎡"
# Never assigned in any script: what a browser draws for these is what it draws for lack of a glyph.
UNASSIGNED = "\u0378\u0530"
FONTS = "'Noto Sans SC', 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
DRAW = """([text, fonts]) => [...text].map(character => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 64;
    const pen = canvas.getContext("2d", {willReadFrequently: true});
    pen.font = `48px ${fonts}`;
    pen.fillText(character, 4, 50);
    const pixels = pen.getImageData(0, 0, 64, 64).data;
    return Array.from({length: 64 * 64}, (_, place) => pixels[4 * place + 3] > 127 ? 1 : 0).join("");
})"""
NO_CHINESE = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>"""


def boxes(page, text):
    """Return the characters that are drawn as nothing, as each other, or as what has no glyph at all."""
    without_glyph = page.evaluate(DRAW, [UNASSIGNED, FONTS])
    drawn = page.evaluate(DRAW, [text, FONTS])
    return [
        character
        for character, one in zip(text, drawn, strict=True)
        if "1" not in one or one in without_glyph or drawn.count(one) > 1
    ]


@pytest.fixture
def page_without_chinese(playwright, chromium_path, tmp_path):
    """A page of a second browser, whose only fonts are those that matplotlib brings."""
    config = tmp_path / "fonts.conf"
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    config.write_text(NO_CHINESE.format(fonts=fonts, cache=tmp_path / "cache"))
    poor = playwright.chromium.launch(
        executable_path=chromium_path,
        args=["--no-sandbox", "--disable-gpu"],
        env={**os.environ, "FONTCONFIG_FILE": str(config)},
    )
    yield poor.new_page()
    poor.close()


def test_chinese_is_drawn_with_its_own_glyphs(page):
    assert boxes(page, CHARACTERS) == [], "no Chinese font: make system installs fonts-noto-cjk"


def test_boxes_are_noticed(page_without_chinese):
    assert boxes(page_without_chinese, CHARACTERS) == list(CHARACTERS)
    assert boxes(page_without_chinese, "Parklnd") == []

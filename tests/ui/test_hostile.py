"""Names that would like to be markup or script stay text, on every page and in every file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SAY = "document.title='owned';window.owned=1"
FIRMS = [
    f'<img src=x onerror="{SAY}">',
    f"<script>{SAY}</script>",
    "${document.title='owned'}",
    "`${(window.owned=1)}`",
    "[link](javascript:window.owned=1)",
    "![beacon](http://canary.example/a.png)",
    "</script><svg onload=window.owned=1>",
    "C:\\data\\new\\`x`",
    "=cmd|' /C calc'!A0",
    "{{7*7}} {0} {name!r} %s",
    ":material/home: :red[x] $x^2$ **bold** www.canary.example",
    "\u202eevil\u2066",
]
INDUSTRIES = [
    '<img src=x onerror="window.owned=1">',
    "![b](http://canary.example/b.png)",
    "`${window.owned=1}`",
    "# heading",
]
COLUMN = "<b onmouseover=window.owned=1>![c](http://canary.example/c.png)</b>"
NAME = "![f](http:__canary.example_f.png)<img src=x onerror=window.owned=1>`x`${1}.csv"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = [
        (
            name,
            INDUSTRIES[place % len(INDUSTRIES)],
            117.02 + 0.001 * (place % 7),
            28.31 + 0.001 * (place // 7),
        )
        for place, name in enumerate(FIRMS * 4)
    ]
    rows.append((FIRMS[0], INDUSTRIES[0], 999, 28.3))  # a rejected row shows its text too
    frame = pd.DataFrame(rows, columns=["企业名称", "行业", "经度", "纬度"])
    frame[COLUMN] = FIRMS[5]
    path = tmp_path / NAME
    frame.to_csv(path, index=False)
    return path


def test_hostile_names_run_nothing_and_fetch_nothing_on_any_page(
    visitor: Any, table: Path, tmp_path: Path
) -> None:
    page = visitor.page
    visitor.open("data").upload(table)
    assert "49 rows = 48 accepted + 1 rejected" in visitor.text()
    for lang in ("en", "zh"):
        for name in ("data", "overview", "dispersion", "clusters", "access", "zoning", "export"):
            visitor.turn_to(name)
            if name in ("overview", "clusters", "zoning"):
                _inspect(visitor)
            _untouched(page)
        if lang == "en":
            visitor.turn_to("zoning").draw_park(half_deg=0.004).speak("zh")
    visitor.turn_to("clusters")
    page.locator(".pp-strip").filter(has_text="![b](http").first.wait_for()

    # the exported map opens by itself, with the same names in it
    exported = visitor.turn_to("export").download("map.html", tmp_path / "map.html")
    other = page.context.new_page()
    other.goto(exported.as_uri())
    other.locator(".leaflet-container").wait_for()
    for shape in other.locator("path.leaflet-interactive, canvas").all()[:40]:
        shape.hover(force=True)
    _untouched(other)
    other.close()


def _inspect(visitor: Any) -> None:
    """Click the first firm: its card holds its name as text."""
    visitor.look_at(117.022, 28.312, 16)
    visitor.click_map([(117.02, 28.31)])
    card = visitor.page.locator(".pp-card:visible").filter(has_text=FIRMS[0])
    card.wait_for()
    assert card.locator("img, script, svg").count() == 0


def _untouched(page: Page) -> None:
    assert page.evaluate("window.owned") is None
    assert page.title() != "owned"
    sources = page.evaluate("[...document.images].map(one => one.src)")
    assert [one for one in sources if re.search("canary|/x$", one)] == []
    links = page.evaluate("[...document.links].map(one => one.href)")
    assert [one for one in links if re.search("canary|javascript:", one)] == []

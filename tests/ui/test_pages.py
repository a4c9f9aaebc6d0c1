"""Every page of a sample, in both languages, in one visit: labels, origins of figures, words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.browser
PAGES = ("overview", "data", "dispersion", "clusters", "access", "zoning", "export")
LANGUAGES = ("zh", "en")
LABELS = {"en": ("synthetic", "Sketch (示意图)"), "zh": ("合成", "示意图")}
# What stays as it is in Chinese: formats, codes, names of programs, of files and of sources.
KEPT = {
    "access", "balance", "cgcs", "checks", "clusters", "dbscan", "english", "epsg", "excel", "firms", "gates",
    "geojson", "geopackage", "gpkg", "html", "json", "leaflet", "odbl", "openstreetmap", "park", "parkplan",
    "plan", "reasons", "summary", "xlsx", "geoman",
}  # fmt: skip


class Shown(NamedTuple):
    """What one page showed."""

    text: str
    label: str
    origin: str
    errors: list[str]


class Visit(NamedTuple):
    """What a walk through all pages showed."""

    pages: dict[tuple[str, str], Shown]
    figures: list[tuple[str, str]]


@pytest.fixture(scope="module")
def visit(guarded: Callable[..., Any], meet: Callable[..., Any]) -> Iterator[Visit]:
    """Zone the sample, go through all pages, switch the language, go through them again."""
    with guarded() as page:
        visitor = meet(page).open("zoning", "zh").press("生成功能分区")
        page.get_by_role("tab").first.wait_for()
        pages, figures = {}, []
        for lang in LANGUAGES:
            if lang != visitor.lang:
                visitor.speak(lang)
            for name in PAGES:
                visitor.turn_to(name)
                if name == "overview" and lang == "zh":
                    figures = _figures(visitor)
                origin = visitor.where_from() if name != "overview" else ""
                label = page.locator(".st-key-synthetic_label").inner_text()
                pages[lang, name] = Shown(visitor.text(), label, origin, visitor.errors())
        yield Visit(pages, figures)


def _figures(visitor: Any) -> list[tuple[str, str]]:
    """Each headline figure with what its button says."""
    body = visitor.page.locator("[data-testid=stPopoverBody]")
    found = []
    for card in visitor.page.locator(".st-key-figures [data-testid=stVerticalBlock]").all():
        card.get_by_role("button").click()
        body.wait_for()
        found.append((card.locator("[data-testid=stMetricValue]").inner_text(), body.inner_text()))
        visitor.page.keyboard.press("Escape")
        body.wait_for(state="detached")
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_sample_is_labelled_synthetic_and_its_outline_a_sketch(visit: Visit, name: str, lang: str) -> None:
    for word in LABELS[lang]:
        assert word in visit.pages[lang, name].label


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_shows_no_scrubbed_year(visit: Visit, name: str, lang: str) -> None:
    shown = visit.pages[lang, name]
    assert shown.errors == []
    assert "2025" not in shown.text
    assert "None" not in shown.text
    assert "Traceback" not in shown.text


@pytest.mark.parametrize("name", PAGES)
def test_a_chinese_page_holds_no_english_word(visit: Visit, name: str) -> None:
    shown = visit.pages["zh", name]
    codes_and_files = r"[A-Z]+(_[A-Z]+)+|\S+\.(csv|geojson|gpkg|html|png|json)\b"
    text = re.sub(codes_and_files, "", shown.text + shown.origin)
    words = {word.lower() for word in re.findall(r"[A-Za-z]{4,}", text)}
    assert words - KEPT == set()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in PAGES if name != "overview"])
def test_a_page_says_where_its_figures_come_from(visit: Visit, name: str, lang: str) -> None:
    origin = visit.pages[lang, name].origin
    assert re.search(r"[0-9a-f]{12}…", origin), "the fingerprint of the data"
    assert "parkplan" in origin
    assert "EPSG:4548" in origin
    wanted = {
        "clusters": {
            "en": ("Neighbour radius", "800 m", "as given"),
            "zh": ("邻近半径", "800 m", "按文件所给"),
        },
        "dispersion": {
            "en": ("Around the park: up to", "1,000 m", "as given", "Closed firms left out: 0."),
            "zh": ("“园区周围”的距离上限", "1,000 m", "按文件所给", "未计入的已关闭企业：0 家。"),
        },
        "access": {"en": ("Speed", "60 km/h"), "zh": ("车速", "60 km/h")},
        "zoning": {"en": ("Source of the template", "Seed"), "zh": ("模板来源", "随机种子")},
    }
    for words in wanted.get(name, {}).get(lang, ()):
        assert words in origin


def test_every_headline_figure_says_where_it_comes_from(visit: Visit) -> None:
    assert len(visit.figures) == 6
    assert visit.figures[0][0] == "330"
    for value, words in visit.figures:
        assert value != "–"
        for part in ("数据：", "精度：", "来源："):
            assert part in words


def test_the_switch_changes_the_address_too(visitor: Any) -> None:
    visitor.open("clusters", "zh")
    assert visitor.page.locator("h1").inner_text() == "产业集群"
    visitor.speak("en")
    assert "lang=en" in visitor.page.url
    visitor.turn_to("access")  # the choice outlives a change of page
    assert visitor.page.locator("h1").inner_text() == "Access"


def test_the_first_page_has_its_own_name_too(visitor: Any) -> None:
    visitor.page.goto(f"{visitor.url}/overview?lang=en")
    visitor.page.locator(".st-key-figures").wait_for(state="attached")
    assert "overview" not in visitor.page.url.rpartition("/")[2]
    current = visitor.page.locator("[data-testid=stSidebarNav] a[aria-current=page]")
    assert current.inner_text().split() == ["map", "Overview"]  # the first word is the sign's own

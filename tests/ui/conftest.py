"""A person at the app: goes to pages, uploads, draws, takes files away. Waits for what is seen, never for a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotInTimeError

PATIENCE_MS = 90_000  # many at work on this machine; nothing is measured by it
PAGES = {
    "overview": ("Overview", "总览"),
    "data": ("Data", "数据"),
    "dispersion": ("Dispersion", "分散程度"),
    "clusters": ("Clusters", "产业集群"),
    "access": ("Access", "可达性"),
    "zoning": ("Zoning", "功能分区"),
    "export": ("Export", "导出"),
}
LON, LAT = 117.02, 28.31
"""Where the tests' own firms are."""

# Streamlit says whether a script runs; a job that works shows its button.
_QUIET = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  return app?.dataset.testScriptState === 'notRunning' && !document.querySelector('[class*=st-key-cancel_]');
}"""
# A sign is a ligature of a font: its text is no word of the page.
_WORDS = """element => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('[data-testid=stIconMaterial], [data-testid=stAlertDynamicIcon], [data-testid=stExpanderIcon], [translate=no] { display: none }');
  document.adoptedStyleSheets.push(sheet);
  const words = element.innerText;
  document.adoptedStyleSheets.pop();
  return words;
}"""
_PLACE = """([lat, lon]) => { const map = window.__parkmap.map; const box = map.getContainer().getBoundingClientRect();
  const at = map.latLngToContainerPoint([lat, lon]); return [box.x + at.x, box.y + at.y]; }"""


class Visitor:
    """Drives one tab; `lang` is the language of the page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.lang = page, url, "en"
        page.set_default_timeout(PATIENCE_MS)

    def open(self, name: str = "overview", lang: str = "en") -> Visitor:
        """Begin anew: an address typed into the browser is a new session."""
        self.lang = lang
        self.page.goto(f"{self.url}/{'' if name == 'overview' else name}?lang={lang}")
        self.page.locator("h1").wait_for()
        return self.settle()

    def turn_to(self, name: str) -> Visitor:
        """Another page of the same session, by the sidebar."""
        title = PAGES[name][self.lang == "zh"]
        self.page.locator("[data-testid=stSidebarNav] a", has_text=title).click()
        self.page.locator("h1", has_text="·" if name == "overview" else title).wait_for()
        return self.settle()

    def speak(self, lang: str) -> Visitor:
        """Change the language by the switch in the sidebar."""
        self.lang = lang
        self.page.get_by_text({"zh": "简体中文", "en": "English"}[lang], exact=True).click()
        words = PAGES["export"][lang == "zh"]
        self.page.locator("[data-testid=stSidebarNav] a", has_text=words).wait_for()
        return self.settle()

    def settle(self) -> Visitor:
        """Wait until no script runs and no work is under way, and that it stays so for a moment."""
        quiet = 0
        while quiet < 3:
            self.page.wait_for_function(_QUIET)
            self.page.wait_for_timeout(80)
            quiet = quiet + 1 if self.page.evaluate(_QUIET) else 0
        return self

    def text(self) -> str:
        """All words of the page and its label; the sidebar and the names of signs are left out."""
        words: str = self.page.locator("[data-testid=stMain]").evaluate(_WORDS)
        return words

    def see(self, words: str) -> Locator:
        """Wait until some words are on the page."""
        found = self.page.locator("[data-testid=stMain]").get_by_text(words).first
        found.wait_for()
        return found

    def alert(self, words: str) -> Locator:
        """Wait until an alert says so."""
        found = self.page.locator("[data-testid=stAlert]").filter(has_text=words).first
        found.wait_for()
        return found

    def errors(self) -> list[str]:
        """Every error on the page."""
        return self.page.locator("[data-testid=stAlertContentError]").all_inner_texts()

    def upload(self, path: Path, kind: str | None = None) -> Visitor:
        """Give a file to the page's uploader in place of the one before, and wait for what is said of it."""
        said = self.page.locator(".st-key-upload_result [data-testid=stAlert]")
        for button in self.page.locator("[data-testid=stFileChipDeleteBtn] button").all():
            button.click()
            said.first.wait_for(state="detached")
        if kind:
            self.choose("What the file holds", kind)
        self.page.locator("[data-testid=stFileUploaderDropzoneInput]").first.set_input_files(path)
        said.first.wait_for()
        return self.settle()

    def choose(self, label: str, option: str) -> Visitor:
        """Choose from a list; it is opened again when the page was drawn anew meanwhile."""
        field = self.page.get_by_role("combobox", name=label)
        wanted = self.page.get_by_role("option", name=option, exact=True)
        for _ in range(10):
            if field.input_value() == option:
                return self.settle()
            field.click()
            try:
                wanted.click(timeout=PATIENCE_MS / 10)
            except NotInTimeError:
                self.page.keyboard.press("Escape")
            self.settle()
        raise AssertionError(f"{option} could not be chosen")

    def enter(self, label: str, number: float) -> Visitor:
        """Type into a field for numbers."""
        field = self.number(label)
        field.fill(f"{number:g}")
        field.press("Tab")
        return self

    def number(self, label: str) -> Locator:
        """A field for numbers; its unit is left out."""
        return self.page.get_by_role("spinbutton", name=label)

    def press(self, name: str) -> Visitor:
        """Press a button and wait for what comes of it."""
        self.page.get_by_role("button", name=name, exact=True).click()
        return self.settle()

    def download(self, name: str, target: Path) -> Path:
        """Take a file away."""
        with self.page.expect_download() as waited:
            self.page.get_by_role("button", name=name).click()
        waited.value.save_as(target)
        return target

    def where_from(self) -> str:
        """Open what the page says of its figures' origin, and close it again."""
        self.page.locator(".st-key-where_from button").click()
        body = self.page.locator("[data-testid=stPopoverBody]").filter(has_text="…")
        body.wait_for()
        words: str = body.evaluate(_WORDS)
        self.page.keyboard.press("Escape")
        return words

    def map(self, javascript: str) -> Any:
        """Ask the map of the page something; `map` is Leaflet's, `park` ours."""
        self.page.locator(".pp[data-ready]").first.wait_for()
        return self.page.evaluate(
            f"() => {{ const park = window.__parkmap, map = park.map; return {javascript}; }}"
        )

    def spot(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is on the screen."""
        x, y = self.page.evaluate(_PLACE, [lat, lon])
        return x, y

    def look_at(self, lon: float, lat: float, zoom: float = 14) -> Visitor:
        """Look at a place, a little east of the tools and their menus."""
        self.map(f"map.setView([{lat}, {lon - 0.002}], {zoom}, {{ animate: false }}) && 0")
        return self

    def click_map(self, corners: Sequence[tuple[float, float]]) -> None:
        """Click places of the map, the mouse coming from somewhere as a hand does."""
        for lon, lat in corners:
            x, y = self.spot(lon, lat)
            self.page.mouse.move(x - 3, y - 2)
            self.page.mouse.move(x, y)
            self.page.mouse.click(x, y)
            self.page.wait_for_timeout(60)  # Leaflet takes two quick clicks for a double click

    def draw_park(self, lon: float = LON, lat: float = LAT, half_deg: float = 0.008) -> Visitor:
        """Draw a hexagon by mouse and wait until Python has its area."""
        self.look_at(lon, lat)
        before = self.map("park.edit.getLayers().length")
        self.page.locator(".leaflet-pm-icon-polygon").click()
        angles = np.arange(6) * np.pi / 3
        corners = [(lon + half_deg * np.cos(one), lat + half_deg * np.sin(one)) for one in angles]
        for count, corner in enumerate(corners, start=1):
            self.click_map([corner])
            self.page.wait_for_function(
                "count => window.__parkmap.drawing.working?.getLatLngs().length === count", arg=count
            )
        self.click_map([corners[0]])
        self.page.wait_for_function("count => window.__parkmap.edit.getLayers().length > count", arg=before)
        self.see("Park: ")
        return self.settle()

    def park(self) -> str:
        """What the page says of the park's area."""
        return self.see("Park: ").inner_text()


@pytest.fixture(scope="session")
def meet(app: Any) -> Callable[[Page], Visitor]:
    """Return the function that makes a page's visitor."""
    return lambda page: Visitor(page, app.url)


@pytest.fixture
def visitor(page: Page, meet: Callable[[Page], Visitor]) -> Visitor:
    """Somebody at the app, nothing opened yet."""
    return meet(page)


@pytest.fixture(scope="session")
def firm_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table as a county bureau would send it: GB18030, Chinese headings, two bad rows."""
    chance = np.random.default_rng(7)
    table = pd.DataFrame(
        {
            "企业名称": [f"测试企业{place}" for place in range(240)],
            "行业": ["石材"] * 150 + ["机械"] * 90,
            "经度": LON + chance.normal(0, 0.01, 240),
            "纬度": LAT + chance.normal(0, 0.01, 240),
        }
    )
    table.loc[5, "经度"] = np.nan
    table.loc[9, "纬度"] = 228.0
    path = tmp_path_factory.mktemp("firms") / "企业.csv"
    table.to_csv(path, index=False, encoding="gb18030")
    return path


def polygon_file(path: Path, *corners: tuple[float, float], **properties: Any) -> Path:
    """Write a GeoJSON file of one polygon."""
    shape = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    feature = {"type": "Feature", "properties": properties, "geometry": shape}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


@pytest.fixture(name="polygon_file")
def _polygon_file() -> Any:
    return polygon_file


@pytest.fixture(autouse=True)
def _patient() -> None:
    expect.set_options(timeout=PATIENCE_MS)

"""The map's background: none unless it is chosen, nothing but what is chosen, and true where tiles are shifted."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page

from geo.datums import wgs84_to_gcj02
from geo.errors import UsageError
from ui.backgrounds import SOURCES, tile_source

PAGE = Path(__file__).parent / "apps" / "background_page.py"
LON, LAT = 118.4137, 24.7071  # on no line of the graticule
GROUND, CROSS = (200, 220, 180), (230, 0, 0)
TILE = 256


def world_pixel(lon: Any, lat: Any, zoom: int) -> tuple[Any, Any]:
    """Web Mercator by the textbook (EPSG:3857 over the extent of the whole), in pixels of 256 a tile."""
    size = TILE * 2**zoom
    north = np.log(np.tan(np.pi / 4 + np.radians(lat) / 2))
    return (lon + 180) / 360 * size, (1 - north / np.pi) / 2 * size


class Tiles:
    """A server of tiles on this machine: plain ground, and a red disc at one place."""

    def __init__(self, lon: float, lat: float) -> None:
        self.asked: list[tuple[int, int, int]] = []
        tiles = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                zoom, x, y = (int(part) for part in self.path.strip("/").removesuffix(".png").split("/"))
                tiles.asked.append((zoom, x, y))
                picture = Image.new("RGB", (TILE, TILE), GROUND)
                px, py = world_pixel(lon, lat, zoom)
                at = (px - x * TILE, py - y * TILE)
                ImageDraw.Draw(picture).ellipse([at[0] - 6, at[1] - 6, at[0] + 6, at[1] + 6], fill=CROSS)
                buffer = io.BytesIO()
                picture.save(buffer, "PNG")
                self.send_response(200)
                self.send_header("Content-Type", "image/png")
                self.end_headers()
                self.wfile.write(buffer.getvalue())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/{{z}}/{{x}}/{{y}}.png"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def tiles() -> Iterator[Callable[..., Tiles]]:
    running: list[Tiles] = []

    def start(lon: float = LON, lat: float = LAT) -> Tiles:
        running.append(Tiles(lon, lat))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture(scope="module")
def address(serve: Callable[..., Any]) -> str:
    url: str = serve(PAGE).url
    return url


def shown(page: Page, address: str, **query: object) -> Page:
    """Open the page of one map with a background, and wait until every tile is there."""
    page.goto(f"{address}/?{urlencode(query)}")
    page.locator(".pp[data-ready]").wait_for()
    if "source" in query:
        page.frame_locator("iframe.pp-tiles").locator("html[data-waiting='0']").wait_for(state="attached")
    return page


def colour_at(page: Page, lon: float, lat: float) -> tuple[int, ...]:
    x, y = page.evaluate(
        "([lat, lon]) => { const map = window.__parkmap.map; const box = map.getContainer().getBoundingClientRect();"
        " const at = map.latLngToContainerPoint([lat, lon]); return [box.x + at.x, box.y + at.y]; }",
        [lat, lon],
    )
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return tuple(np.asarray(picture)[round(y), round(x)].tolist())


@pytest.mark.browser
def test_without_a_choice_nothing_is_asked_of_anybody(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    shown(page, address)
    assert page.locator("iframe").count() == 0
    assert [one for one in asked if not one.startswith(address)] == []


def look(page: Page, zoom: float, lon: float = LON, lat: float = LAT) -> None:
    """Look somewhere else, and wait for the tiles."""
    page.evaluate(
        "([lat, lon, zoom]) => { window.__parkmap.map.setView([lat, lon], zoom, { animate: false }); }",
        [lat, lon, zoom],
    )
    page.frame_locator("iframe.pp-tiles").locator("html[data-waiting='0']").wait_for(state="attached")


@pytest.mark.browser
def test_true_tiles_lie_where_they_belong(page: Page, address: str, tiles: Any) -> None:
    source = tiles()
    shown(page, address, source=source.address)
    for zoom in (14.25, 17, 12):
        source.asked.clear()
        look(page, zoom)
        assert colour_at(page, LON, LAT) == CROSS, zoom
        assert colour_at(page, LON + 37 / 2**zoom, LAT + 11 / 2**zoom)[1] > 150, "ground, or a line on it"
        level = round(zoom)
        assert {one[0] for one in source.asked} <= {level}
        px, py = world_pixel(LON, LAT, level)
        assert zoom == 12 or (level, int(px // TILE), int(py // TILE)) in source.asked
    credit = page.locator(".leaflet-control-attribution").inner_text()
    assert credit.endswith("<b>Bureau</b> · 审图号 GS(0000)1")


@pytest.mark.browser
def test_shifted_tiles_are_moved_so_that_true_points_lie_right(page: Page, address: str, tiles: Any) -> None:
    east, north = wgs84_to_gcj02(LON, LAT)
    source = tiles(float(east), float(north))  # where a map in GCJ-02 draws the place
    shown(page, address, source=source.address, shifted=1)
    for zoom in (12, 15.5, 18):
        for aside in (0, 120 / 2**zoom):  # in the middle of the view, and after it was moved
            look(page, zoom, LON + aside, LAT - aside)
            assert colour_at(page, LON, LAT) == CROSS, (zoom, aside)


@pytest.mark.browser
def test_the_shift_of_the_map_is_that_of_the_import_to_two_metres_over_the_whole_view(
    page: Page, address: str
) -> None:
    shown(page, address)
    chance = np.random.default_rng(3)
    lon, lat = chance.uniform(75, 134, 4000), chance.uniform(18.2, 53, 4000)
    there = page.evaluate(
        "async ([lon, lat]) => { const gcj = await import('/_stcore/bidi-components/parkplan.map/gcj.js');"
        " return lon.map((one, place) => gcj.wgs84ToGcj02(one, lat[place])); }",
        [lon.tolist(), lat.tolist()],
    )
    assert np.allclose(np.array(there).T, wgs84_to_gcj02(lon, lat), rtol=0, atol=1e-11)
    for place in ((118.40, 24.70), (87.6, 43.8), (126.6, 45.75)):
        for zoom in (12, 13, 16):
            worst = _worst_m(page, *place, zoom)
            assert worst <= 2.0, (place, zoom, worst)


def _worst_m(page: Page, lon: float, lat: float, zoom: int) -> float:
    """Largest distance between where a tile shows a place and where it is, over a view of 1536 × 1024."""
    x, y = (int(one // TILE) for one in world_pixel(lon, lat, zoom))
    parts = page.evaluate(
        "async ([x, y, zoom]) => { const gcj = await import('/_stcore/bidi-components/parkplan.map/gcj.js');"
        " const all = []; for (let i = -3; i < 3; i++) for (let j = -2; j < 2; j++) for (const one of gcj.pieces(x + i, y + j, zoom))"
        " all.push([(x + i) * 256 + one.x, (y + j) * 256 + one.y, one.fromX, one.fromY, one.step]); return all; }",
        [x, y, zoom],
    )
    left, top, from_x, from_y, step = np.array(parts, dtype=float).T
    size = TILE * 2**zoom
    worst = 0.0
    for u in (0.0, 0.5, 1.0):
        for v in (0.0, 0.5, 1.0):
            px, py = left + u * step, top + v * step
            true_lon = px / size * 360 - 180
            true_lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * py / size))))
            want = world_pixel(*wgs84_to_gcj02(true_lon, true_lat), zoom)
            off = np.hypot(from_x + u * step - want[0], from_y + v * step - want[1])
            metres = off * 40_075_016.686 * np.cos(np.radians(true_lat)) / size
            worst = max(worst, float(metres.max()))
    return worst


@pytest.mark.browser
def test_only_the_chosen_source_may_be_asked(page: Page, address: str, tiles: Any) -> None:
    chosen, other = tiles(), tiles()
    shown(page, address, source=chosen.address, zoom=12)
    load = (
        "url => new Promise(done => { const one = new Image(); one.onload = () => done(true);"
        " one.onerror = () => done(false); one.src = url; })"
    )
    inside = page.frames[1]
    assert inside.evaluate(load, chosen.address.format(z=1, x=0, y=0))
    assert not inside.evaluate(load, other.address.format(z=1, x=0, y=0))
    assert not page.evaluate(load, chosen.address.format(z=1, x=0, y=0)), "the page itself asks nobody"
    assert other.asked == []


@pytest.mark.browser
def test_a_source_that_does_not_answer_is_told_and_the_map_stays(
    page: Page, address: str, tiles: Any
) -> None:
    gone = tiles()
    gone.stop()
    shown(page, address, source=gone.address, zoom=12)
    page.get_by_text("The map background cannot be reached").wait_for()
    assert page.evaluate("window.__parkmap.live.has('place')")


@pytest.mark.browser
def test_the_choice_in_the_sidebar_reaches_the_map_and_can_be_taken_back(visitor: Any, tiles: Any) -> None:
    source = tiles(117.02, 28.31)
    page = visitor.open("clusters").page
    page.locator("[data-testid=stSidebar]").locator("summary", has_text="Map background").click()
    visitor.choose("Map background", "An address of your own (intranet XYZ or WMTS)")
    field = page.get_by_label("Address of the tiles")
    field.fill("http://10.0.0.8/tiles")
    field.press("Enter")
    visitor.settle()
    assert "level, column and row" in page.locator("[data-testid=stSidebar]").inner_text()
    assert page.locator("iframe.pp-tiles").count() == 0
    field.fill(source.address.replace("{z}", "{TileMatrix}"))
    field.press("Enter")
    page.locator("iframe.pp-tiles").wait_for()
    page.frame_locator("iframe.pp-tiles").locator("html[data-waiting='0']").wait_for(state="attached")
    assert source.asked
    visitor.settle().choose("Map background", "None: graticule and built-in layers")
    page.locator("iframe.pp-tiles").wait_for(state="detached")


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("http://10.0.0.8:8080/{z}/{x}/{y}.png", "http://10.0.0.8:8080/{z}/{x}/{y}.png"),
        ("https://a.example/{TileMatrix}/{TileRow}/{TileCol}.png", "https://a.example/{z}/{y}/{x}.png"),
        ("https://a.example/wmts?tilematrix={Z}&tilerow={Y}&tilecol={X}", "https://a.example/wmts?tilematrix={z}&tilerow={y}&tilecol={x}"),
        ("https://a.example/{z}/{x}/{-y}.png", "https://a.example/{z}/{x}/{-y}.png"),
    ],
)  # fmt: skip
def test_an_address_is_taken_in_the_ways_that_it_is_written(address: str, wanted: str) -> None:
    source = tile_source({"name": "own", "address": address})
    assert source is not None
    assert source["urls"] == [wanted]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)/{z}/{x}/{y}", "file:///etc/{z}/{x}/{y}", "http://{z}.example/{x}/{y}.png", "//a/{z}/{x}/{y}",
        "http://a.example/{z}/{x}.png", "http://u:p@a.example/{z}/{x}/{y}", "http://a.example/{z}/{x}/{y}/{q}",
        "http://a.example/{z}/{x}/{y} http://b.example", "http://a.example;img-src */{z}/{x}/{y}'",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        tile_source({"name": "own", "address": address})


def test_a_key_goes_into_the_address_and_only_a_key_does() -> None:
    key = "0123456789abcdef" * 2
    source = tile_source({"name": "tianditu", "key": key, "number": "GS(0000)1"})
    assert source is not None
    assert all(url.endswith(f"tk={key}") for url in source["urls"])
    assert source["attribution"].endswith("GS(0000)1")
    assert tile_source({"name": "tianditu"}) is None
    with pytest.raises(UsageError):
        tile_source({"name": "tianditu", "key": "x&LAYER={s}"})


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_asked_over_tls_and_names_whose_map_it_is(name: str) -> None:
    source = tile_source({"name": name, "key": "0123456789abcdef"})
    assert source is not None
    assert all(url.startswith("https://") for url in source["urls"])
    assert "©" in source["attribution"]
    assert source["shifted"] == (name == "amap")

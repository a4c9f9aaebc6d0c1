"""The map in a real browser: drawing, typing, undoing, cutting, clicking, a million points."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from pyproj import Geod
from shapely.geometry import shape

PAGE = Path(__file__).parent / "apps" / "map_page.py"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(serve: Callable[..., Any]) -> str:
    url: str = serve(PAGE).url
    return url


@pytest.fixture
def shown(page: Page, address: str) -> Page:
    open_map(page, address)
    return page


def open_map(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(".pp[data-ready]", timeout=30_000)


def spot(page: Page, x: float, y: float) -> tuple[float, float]:
    """A place on the map as a share of its width and height, in pixels of the page."""
    box = page.locator(".pp-map").bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def draw(page: Page, *corners: tuple[float, float]) -> None:
    page.locator(".leaflet-pm-icon-polygon").click()
    for corner in [*corners, corners[0]]:
        page.mouse.click(*spot(page, *corner))
        page.wait_for_timeout(60)


def drawings(page: Page, count: int = 1) -> list[Any]:
    """What Python was told, once it holds so many shapes."""
    page.wait_for_function(
        "count => { const text = document.querySelector('[data-testid=stCode] code')?.innerText;"
        " const got = text && JSON.parse(text); return (got?.features?.length ?? 0) === count; }",
        arg=count,
        timeout=15_000,
    )
    told = json.loads(page.locator("[data-testid=stCode] code").inner_text())
    return [shape(feature["geometry"]) for feature in (told or {"features": []})["features"]]


def figures(page: Page) -> tuple[float, float]:
    """Area and perimeter that the panel shows, square metres and metres, before they are rounded."""
    data = page.locator(".pp-figures")
    return float(data.get_attribute("data-area-m2") or 0), float(data.get_attribute("data-perimeter-m") or 0)


SQUARE = ((0.3, 0.3), (0.6, 0.3), (0.6, 0.7), (0.3, 0.7))


def test_a_polygon_drawn_by_mouse_reaches_python_and_its_area_is_that_of_the_ellipsoid(shown: Page) -> None:
    draw(shown, *SQUARE)
    (polygon,) = drawings(shown)
    area, perimeter = Geod(ellps="WGS84").geometry_area_perimeter(polygon)
    seen_area, seen_perimeter = figures(shown)
    assert seen_area == pytest.approx(abs(area), rel=1e-4)
    assert seen_perimeter == pytest.approx(perimeter, rel=1e-4)
    text = shown.locator(".pp-figures").inner_text()
    assert f"{abs(area) / 1e4:,.2f} ha" in text
    assert f"{abs(area) / 1e4 * 15:,.1f} mu" in text


def test_area_and_vertices_are_shown_while_drawing(shown: Page) -> None:
    shown.locator(".leaflet-pm-icon-polygon").click()
    for corner in SQUARE[:3]:
        shown.mouse.click(*spot(shown, *corner))
        shown.wait_for_timeout(60)
    assert shown.locator(".pp-vertex").count() == 3
    assert figures(shown)[0] > 0


def test_a_vertex_can_be_typed_while_drawing(shown: Page) -> None:
    shown.locator(".leaflet-pm-icon-polygon").click()
    for corner in SQUARE[:2]:
        shown.mouse.click(*spot(shown, *corner))
        shown.wait_for_timeout(60)
    shown.get_by_label("Add vertex longitude").fill("118.41")
    shown.get_by_label("Add vertex latitude").fill("24.65")
    shown.get_by_role("button", name="Add vertex").click()
    assert shown.locator(".pp-vertex").count() == 3
    shown.mouse.click(*spot(shown, *SQUARE[0]))
    (polygon,) = drawings(shown)
    assert (118.41, 24.65) in [(round(x, 6), round(y, 6)) for x, y in polygon.exterior.coords]


def test_a_vertex_of_a_finished_shape_can_be_typed(shown: Page) -> None:
    draw(shown, *SQUARE)
    drawings(shown)
    field = shown.get_by_label("longitude 2", exact=True)
    field.fill("118.5")
    field.press("Enter")
    shown.wait_for_function(
        "document.querySelector('[data-testid=stCode] code').innerText.includes('118.5,')"
    )
    (polygon,) = drawings(shown)
    assert 118.5 in [x for x, _ in polygon.exterior.coords]
    field = shown.get_by_label("latitude 2", exact=True)
    field.fill("about ten")
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"


def test_undo_and_redo_go_through_every_step(shown: Page) -> None:
    draw(shown, *SQUARE)
    first = drawings(shown)
    draw(shown, (0.62, 0.3), (0.72, 0.3), (0.68, 0.5))
    both = drawings(shown, 2)
    shown.get_by_role("button", name="Undo").click()
    assert drawings(shown, 1)[0].equals(first[0])
    shown.get_by_role("button", name="Undo").click()
    assert drawings(shown, 0) == []
    shown.get_by_role("button", name="Redo").click()
    shown.get_by_role("button", name="Redo").click()
    assert all(one.equals(other) for one, other in zip(drawings(shown, 2), both, strict=True))


def test_a_hole_can_be_cut(shown: Page) -> None:
    draw(shown, *SQUARE)
    (whole,) = drawings(shown)
    shown.locator(".leaflet-pm-icon-cut").click()
    for corner in ((0.4, 0.4), (0.5, 0.4), (0.5, 0.6), (0.4, 0.6), (0.4, 0.4)):
        shown.mouse.click(*spot(shown, *corner))
        shown.wait_for_timeout(60)
    shown.wait_for_function(
        "JSON.parse(document.querySelector('[data-testid=stCode] code').innerText).features[0].geometry.coordinates.length === 2"
    )
    (holed,) = drawings(shown)
    assert holed.area < whole.area
    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(holed)
    assert figures(shown)[0] == pytest.approx(abs(area), rel=1e-4)


def test_a_self_crossing_outline_cannot_be_drawn(shown: Page) -> None:
    draw(shown, (0.3, 0.3), (0.6, 0.7), (0.6, 0.3), (0.3, 0.7))
    shown.wait_for_timeout(500)
    assert all(
        polygon.is_valid
        for polygon in drawings(shown, shown.evaluate("window.__parkmap.edit.getLayers().length"))
    )


def test_a_click_inspects_and_hostile_names_stay_text(shown: Page) -> None:
    shown.mouse.click(*spot(shown, 0.5, 0.5))  # the first firm, in the middle of the view
    card = shown.locator(".pp-card")
    card.wait_for(state="visible")
    assert "<img" in card.inner_text()
    shown.wait_for_function('document.body.innerText.includes(\'"layer": "firms"\')')
    assert shown.locator(".pp img:not(.leaflet-tile)").count() == 0
    assert shown.title() != "owned"


def test_layers_and_kinds_of_points_can_be_hidden(shown: Page) -> None:
    seen = "window.__parkmap.live.get('firms').layer.seen"
    assert shown.evaluate(seen) > 300
    shown.locator(".pp-legend", has_text="odd").click()
    assert shown.evaluate(seen) <= 200
    shown.locator(".pp-row", has_text="Area").locator("input[type=checkbox]").uncheck()
    assert not shown.evaluate("window.__parkmap.map.hasLayer(window.__parkmap.live.get('area').layer)")
    shown.locator(".pp-fold").click()
    assert shown.locator(".pp-row").count() == 0


def test_a_million_points_are_drawn_on_one_canvas(page: Page, address: str) -> None:
    open_map(page, f"{address}/?points=1000000")
    page.wait_for_function("(window.__parkmap?.live.get('firms')?.layer.seen ?? 0) > 900000", timeout=60_000)
    assert page.locator(".pp canvas").count() == 1
    assert page.evaluate("window.__parkmap.live.get('firms').layer.pick(L.latLng(24.7, 118.4)) >= 0")


def test_the_words_of_the_map_follow_the_language(page: Page, address: str) -> None:
    open_map(page, f"{address}/?lang=zh")
    assert "图层" in page.locator(".pp-panel").inner_text()
    assert page.get_by_role("button", name="撤销").count() == 1


NAME = "() => { const one = document.activeElement; return one.ariaLabel || one.title || one.innerText; }"


def test_the_keyboard_reaches_every_tool_and_each_says_what_it_does(shown: Page) -> None:
    shown.locator(".pp-map").focus()
    names = []
    while "Layers" not in " ".join(names):
        shown.keyboard.press("Tab")
        names.append(shown.evaluate(NAME))
        assert len(names) < 40, names
    assert "" not in names
    for tool in ("Zoom in", "Zoom out", "Fit to layers", "Full screen", "Draw Polygons", "Edit Layers"):
        assert tool in names

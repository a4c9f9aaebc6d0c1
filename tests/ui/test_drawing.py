"""The boundary in the app: drawn, typed, edited, undone, kept from page to page; the map stays where one looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.browser
VIEW = "[map.getBounds().getNorth(), map.getBounds().getWest(), map.getZoom()]"
COUNT = "park.edit.getLayers().length"


@pytest.fixture(scope="module")
def planner(guarded: Callable[..., Any], meet: Callable[..., Any]) -> Iterator[Any]:
    """A planner who has an empty project and has drawn a park in it."""
    with guarded() as page:
        visitor = meet(page).open("data").press("Start an empty project").turn_to("zoning")
        assert visitor.page.get_by_role("button", name="Zone the site").is_disabled()
        yield visitor.draw_park(half_deg=0.006)


def changed(visitor: Any, area: str) -> str:
    """Wait until the page says another area; return it."""
    visitor.page.wait_for_function(
        "area => ![...document.querySelectorAll('[data-testid=stText]')].some(one => one.innerText === area)",
        arg=area,
    )
    return str(visitor.settle().park())


def test_a_vertex_is_dragged_and_the_change_undone_and_redone(planner: Any) -> None:
    page, area, view = planner.page, planner.park(), planner.map(VIEW)
    page.locator(".leaflet-pm-icon-edit").click()
    lon, lat = planner.map("Object.values(park.edit.getLayers()[0].getLatLngs()[0][0]).reverse()")
    x, y = planner.spot(lon, lat)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 20, steps=6)
    page.mouse.up()
    moved = changed(planner, area)
    page.locator(".leaflet-pm-icon-edit").click()
    page.get_by_role("button", name="Undo").click()
    assert changed(planner, moved) == area
    page.get_by_role("button", name="Redo").click()
    assert changed(planner, area) == moved
    page.locator(".pp-map").focus()
    page.keyboard.press("Control+z")
    assert changed(planner, moved) == area
    assert planner.map(VIEW) == pytest.approx(view, abs=2e-4)  # one pixel


def test_the_inside_of_the_park_lets_clicks_through_and_its_line_opens_its_numbers(planner: Any) -> None:
    page = planner.page
    corners = planner.map("park.edit.getLayers()[0].getLatLngs()[0].map(one => [one.lng, one.lat])")
    planner.click_map([(sum(x for x, _ in corners) / 6, sum(y for _, y in corners) / 6)])
    assert page.locator(".pp-shape:visible").count() == 0
    (lon, lat), (lon2, lat2) = corners[:2]
    planner.click_map([((lon + lon2) / 2, (lat + lat2) / 2)])
    page.locator(".pp-shape").wait_for()
    assert page.locator(".pp-vertex").count() == 6
    assert planner.park().removeprefix("Park: ").split(" ha")[0] in page.locator(".pp-figures").inner_text()


def test_view_boundary_and_steps_outlive_a_visit_to_another_page(planner: Any) -> None:
    page, area = planner.page, planner.park()
    planner.map("map.setView([28.315, 117.03], 13.5, { animate: false }) && 0")
    view = planner.map(VIEW)
    planner.turn_to("data").turn_to("zoning")
    assert planner.park() == area
    assert planner.map(VIEW) == pytest.approx(view, abs=2e-4)  # one pixel
    assert planner.map(COUNT) == 1
    page.get_by_role("button", name="Redo").click()  # what the first test undid
    moved = changed(planner, area)
    page.get_by_role("button", name="Undo").click()
    changed(planner, moved)


def test_moving_and_zooming_the_map_runs_nothing_on_the_server(planner: Any) -> None:
    page, sent = planner.page, []
    page.evaluate(
        "() => { const send = WebSocket.prototype.send; window.sent = 0;"
        " WebSocket.prototype.send = function (data) { window.sent += data.byteLength ?? data.length; return send.call(this, data); }; }"
    )
    for pan in ((80, 40), (-60, 20)):
        page.evaluate("by => window.__parkmap.map.panBy(by, { animate: false })", list(pan))
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(400)
    sent.append(page.evaluate("window.sent"))
    assert sent == [0]


def test_removing_what_was_drawn_takes_the_park_away(planner: Any) -> None:
    page = planner.page
    planner.look_at(117.02, 28.31)
    corners = planner.map("park.edit.getLayers()[0].getLatLngs()[0].map(one => [one.lng, one.lat])")
    page.locator(".leaflet-pm-icon-delete").click()
    planner.click_map([(sum(x for x, _ in corners) / 6, sum(y for _, y in corners) / 6)])
    planner.see("Draw the boundary on the map")
    page.locator(".leaflet-pm-icon-delete").click()
    page.get_by_role("button", name="Undo").click()
    planner.see("Park: ")

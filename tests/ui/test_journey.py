"""From a firm table to a plan in the app: upload, draw, zone, download, reopen, as on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

import cli
from planning.catalogue.parks import load_template

pytestmark = pytest.mark.browser
LAYERS = ("boundary", "land_use", "zones", "parcels", "road_lines")


def test_from_an_uploaded_table_and_a_drawn_boundary_to_files_like_the_command_lines(
    visitor: Any, firm_table: Path, tmp_path: Path
) -> None:
    visitor.open("data").upload(firm_table)
    visitor.see("240 rows = 238 accepted + 2 rejected")
    assert visitor.page.locator(".st-key-synthetic_label [data-testid=stAlert]").count() == 0
    visitor.turn_to("zoning").draw_park().choose("Template", load_template("stone").title_en)
    visitor.press("Zone the site")
    visitor.page.get_by_role("tab").first.wait_for()
    assert visitor.map("park.live.has('zones')")

    visitor.turn_to("export")
    plan = visitor.download("plan.gpkg", tmp_path / "app.gpkg")
    clusters = visitor.download("clusters.gpkg", tmp_path / "app_clusters.gpkg")
    access = visitor.download("access.csv", tmp_path / "app_access.csv")
    balance = visitor.download("balance.csv", tmp_path / "app_balance.csv")
    land, site = gpd.read_file(plan, layer="land_use"), gpd.read_file(plan, layer="boundary")
    assert shapely.coverage_is_valid(land.geometry.to_numpy())
    assert land.area.sum() == pytest.approx(site.area.sum(), abs=0.01)

    project = visitor.download("Save the scenario", tmp_path / "mine.parkplan")
    there = tmp_path / "cli"
    assert cli.main(["run", str(project), "-o", str(there), "--quiet"]) == 0
    for layer in LAYERS:
        mine, theirs = (gpd.read_file(path, layer=layer) for path in (plan, there / "plan.gpkg"))
        assert mine.drop(columns="geometry").equals(theirs.drop(columns="geometry")), layer
        assert mine.geometry.to_wkb().equals(theirs.geometry.to_wkb()), layer
    mine, theirs = (gpd.read_file(path, layer="firms") for path in (clusters, there / "clusters.gpkg"))
    assert mine["cluster"].tolist() == theirs["cluster"].tolist()
    assert access.read_bytes() == (there / "access.csv").read_bytes()
    assert balance.read_bytes() == (there / "balance.csv").read_bytes()


def test_a_scenario_is_reopened_with_all_that_it_holds(
    visitor: Any, firm_table: Path, tmp_path: Path
) -> None:
    page = visitor.page
    visitor.open("data").upload(firm_table).turn_to("zoning").draw_park()
    visitor.choose("Template", load_template("software").title_en)
    page.get_by_text("Parameters", exact=True).click()
    visitor.enter("Slicing trees", 60).press("Apply")
    # a vertex is moved by its number: an edit that must be in the file
    page.locator(".leaflet-pm-icon-edit").click()
    field = page.get_by_label("longitude 1", exact=True)
    before = visitor.park()
    field.fill(str(round(float(field.input_value()) + 0.002, 6)))
    field.press("Enter")
    page.wait_for_function("text => !document.body.innerText.includes(text)", arg=before)
    visitor.settle()
    area = visitor.park()
    visitor.turn_to("clusters")
    visitor.enter("Neighbour radius", 640).press("Apply").turn_to("export")
    project = visitor.download("Save the scenario", tmp_path / "mine.parkplan")

    visitor.open("export")  # a new session: the sample again
    assert page.locator(".st-key-synthetic_label [data-testid=stAlert]").count() == 1
    visitor.upload(project)
    visitor.see("is open")
    assert page.locator(".st-key-synthetic_label [data-testid=stAlert]").count() == 0
    visitor.turn_to("zoning")
    assert visitor.park() == area
    assert page.get_by_role("combobox", name="Template").input_value() == load_template("software").title_en
    page.get_by_text("Parameters", exact=True).click()
    assert visitor.number("Slicing trees").input_value() == "60"
    visitor.turn_to("clusters")
    assert visitor.number("Neighbour radius").input_value() == "640"
    visitor.turn_to("data")
    visitor.see("240 rows = 238 accepted + 2 rejected")


def test_one_tab_sees_nothing_of_another(visitor: Any, firm_table: Path, app: Any) -> None:
    visitor.open("data").upload(firm_table)
    visitor.see("240 rows")
    other = type(visitor)(visitor.page.context.new_page(), app.url).open("data")
    other.see("330 rows")
    assert "240 rows" not in other.text()
    assert "企业.csv" not in other.text()
    assert "240 rows" in visitor.settle().text()
    other.page.close()


def test_long_work_shows_progress_and_can_be_cancelled_and_begun_again(visitor: Any) -> None:
    page = visitor.open("zoning").page
    page.get_by_text("Parameters", exact=True).click()
    visitor.enter("Slicing trees", 100_000).press("Apply")
    page.get_by_role("button", name="Zone the site").click()
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    cancel.wait_for()
    job = page.locator("[class*=st-key-job_zoning]")
    assert job.get_by_role("progressbar").count() == 1
    assert "Laying out the zones" in job.inner_text()
    assert visitor.map("map.hasLayer(park.edit)"), "the map stays while the work goes on"
    cancel.click()
    visitor.see("stopped on request")
    assert not visitor.map("park.live.has('zones')")
    page.get_by_role("button", name="Start again").click()
    cancel.wait_for()
    cancel.click()
    visitor.see("stopped on request")

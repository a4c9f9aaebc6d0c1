"""The exported map in a real browser: opens from a folder, asks nobody for anything, and hostile names stay names."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from planning.pipeline import make_plan
from planning.report.html_map import escape, html_map, write_html_map
from planning.samples import sample_scenario
from planning.scenario import Scenario
from ui.text import translator

pytestmark = pytest.mark.browser

PAYLOADS = [
    "<img src=x onerror=window.__hit=1>",
    "</script><script>window.__hit=1</script>",
    "${window.__hit=1}",
    "`+(window.__hit=1)+`",
    "\\`;window.__hit=1;//",
    '"><svg onload=window.__hit=1>',
    "'-(window.__hit=1)-'",
    '<a href="javascript:window.__hit=1">x</a>',
    "{{ [].__class__ }}{% raw %}{# x",
    "C:\\data\\2019园区",
    "<!--<script>window.__hit=1",
    "&lt;img src=x onerror=window.__hit=1&gt;",
    '</title></style><iframe srcdoc="<script>parent.__hit=1</script>">',
    "![x](http://127.0.0.1:9/beacon) 甲&乙 <b>丙</b>",
    "d41d8cd98f00b204e9800998ecf8427e",
]  # fmt: skip
"""The thirteen of the study, and what a template engine, a naive renderer or a renaming would fall for."""


def open_map(page: Page, path: Path) -> None:
    """Open a file as a double click would, and wait until Leaflet has drawn."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector(".leaflet-container")
    page.wait_for_function("() => document.querySelectorAll('.leaflet-pane').length > 3")
    outside = [url for url in requests if not url.startswith(("data:", "blob:")) and url != path.as_uri()]
    assert outside == []


TIPS = """() => {
    const chart = window[Object.keys(window).find(name => /^map_[0-9a-f]{32}$/.test(name))];
    const found = [];
    chart.eachLayer(layer => {
        if (!layer.getTooltip || !layer.getLatLng && !layer.getCenter) { return; }
        const own = layer.getTooltip() || (layer._eventParents && Object.values(layer._eventParents).map(p => p.getTooltip && p.getTooltip()).find(Boolean));
        if (!own) { return; }
        layer.fire("mouseover", {latlng: layer.getLatLng ? layer.getLatLng() : layer.getCenter(), layer, propagatedFrom: layer}, true);
        found.push(own.getElement().textContent.trim());
        layer.fire("mouseout", {layer, propagatedFrom: layer}, true);
    });
    return found;
}"""
READY = """() => {
    const name = Object.keys(window).find(one => /^map_[0-9a-f]{32}$/.test(one));
    return name && Number.isFinite(window[name].getZoom());
}"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_samples_map_opens_alone_and_carries_its_labels(page: Page, tmp_path: Path, lang: str) -> None:
    plan = make_plan(sample_scenario("shuitou", lang))
    path = tmp_path / "map.html"
    write_html_map(plan, path, translate=translator(lang), lang=lang)
    open_map(page, path)
    page.wait_for_function(READY)
    box = page.locator(".pp-title")
    assert box.is_visible()
    text = box.inner_text()
    assert ("合成" if lang == "zh" else "synthetic") in text
    assert plan.scenario.notes in text
    assert "示意图" in text
    assert page.title() == plan.scenario.title
    legend = page.locator(".pp-legend").inner_text()
    for zone in plan.zoning.zones.itertuples():
        assert (zone.name_zh if lang == "zh" else zone.name_en) in legend
    assert page.locator(".leaflet-control-layers-overlays label").count() >= 5
    assert page.locator("canvas").count() >= 1
    assert re.fullmatch(r"\d+ k?m", page.locator(".leaflet-control-scale").inner_text().strip())
    north, layers = (page.locator(name).bounding_box() for name in (".pp-north", ".leaflet-control-layers"))
    assert north["x"] + north["width"] < layers["x"]
    tips = page.evaluate(TIPS)
    assert len(tips) > 300
    assert any("合成企业" in tip for tip in tips)
    assert not any("undefined" in tip for tip in tips)


def test_hostile_names_are_drawn_as_names_wherever_they_stand(page: Page, tmp_path: Path) -> None:
    firms = tmp_path / "firms.csv"
    with firms.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["编号", "名称", "经度", "纬度", "行业"])
        for n, text in enumerate(PAYLOADS):
            writer.writerow([n, text, 118.40 + n / 1_000, 24.72, PAYLOADS[n % 9]])
    sample = sample_scenario("shuitou")
    template = (Path(__file__).parents[2] / "data/catalogues/parks/stone.toml").read_text(encoding="utf-8")
    names = iter(PAYLOADS * 9)
    template = re.sub(
        r'^name_(zh|en) = ".*"$',
        lambda found: f"name_{found[1]} = {json.dumps(next(names))}",
        template,
        flags=re.MULTILINE,
    )
    own = tmp_path / "own.toml"
    own.write_text(template, encoding="utf-8")
    gates = tmp_path / "gates.geojson"
    gates.write_text(
        json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"name": text, "kind": text}, "geometry": {"type": "Point", "coordinates": [118.417593 + n / 1e5, 24.724175]}}
            for n, text in enumerate(PAYLOADS[:3])
        ]}),
        encoding="utf-8",
    )  # fmt: skip
    everything = " ".join(PAYLOADS)
    plan = make_plan(
        Scenario(
            title=everything, notes=everything, template=str(own),
            inputs={"firms": str(firms), "boundary": sample.inputs["boundary"], "gates": str(gates)},
        )
    )  # fmt: skip
    path = tmp_path / "map.html"
    write_html_map(plan, path, translate=translator("zh"), lang="zh")
    open_map(page, path)
    page.wait_for_function(READY)
    tips = page.evaluate(TIPS)
    plain = {" ".join(text.split()) for text in tips}
    assert {" ".join(text.split()) for text in PAYLOADS} <= plain
    heading = page.locator(".pp-title h1").inner_text()
    assert " ".join(heading.split()) == " ".join(everything.split())
    assert " ".join(page.title().split()) == " ".join(everything.split())
    assert " ".join(everything.split()) in " ".join(page.locator(".pp-title div").all_inner_texts()).replace(
        "\n", " "
    )
    layers = " ".join(page.locator(".leaflet-control-layers-overlays label").all_inner_texts())
    legend = page.locator(".pp-legend").inner_text()
    for text in PAYLOADS[:9]:
        assert " ".join(text.split()) in " ".join(layers.split()), text
        assert " ".join(text.split()) in " ".join(legend.split()), text
    page.locator(".leaflet-control-layers-overlays label").first.click()
    page.mouse.move(640, 450)
    page.wait_for_timeout(200)
    assert page.evaluate("() => window.__hit") is None
    assert (
        page.locator(
            "iframe, .pp-title img, .leaflet-control-layers img, .pp-legend img, svg[onload]"
        ).count()
        == 0
    )


def test_one_firm_alone_and_thirty_thousand_are_views_too(page: Page, tmp_path: Path) -> None:
    for count in (1, 30_000):
        firms = tmp_path / f"{count}.csv"
        lines = [f"{n},企业{n},{118.0 + n % 200 / 500},{24.5 + n // 200 / 500}" for n in range(count)]
        firms.write_text("编号,名称,经度,纬度\n" + "\n".join(lines), encoding="utf-8")
        path = tmp_path / f"{count}.html"
        write_html_map(
            make_plan(Scenario(inputs={"firms": str(firms)})), path, translate=translator("zh"), lang="zh"
        )
        open_map(page, path)
        page.wait_for_function(READY)
        zoom = page.evaluate(
            READY.replace("Number.isFinite(window[name].getZoom())", "window[name].getZoom()")
        )
        assert 5 <= zoom <= 19
        text = page.locator(".pp-title").inner_text()
        assert ("每" in text) == (count > 20_000)


def test_the_map_says_the_same_each_time_and_names_no_address(tmp_path: Path) -> None:
    plan = make_plan(sample_scenario("dalian"))
    first, second = (html_map(plan, translate=translator("zh"), lang="zh") for _ in range(2))
    assert first == second
    outside = set(re.findall(r"(?:src|href)\s*=\s*[\"']?(https?:[^\"' >]+)", first))
    assert outside == {"https://leafletjs.com"}  # a link in Leaflet's own code, which our prefix replaces


@pytest.mark.parametrize("text", PAYLOADS)
def test_escaped_text_has_no_character_that_could_end_or_fill_anything(text: str) -> None:
    escaped = escape(text)
    assert not set(escaped) & set("<>\"'`${}\\\n\r\u2028\u2029")

"""docs/zoning.md: what is promised is checked by the program, and the figures are the program's."""

import json
import re

import numpy as np
import pyproj
import pytest
import shapely

from geo.errors import InfeasibleError
from planning.catalogue.parks import load_template
from planning.stages.zoning import SiteInputs, ZoningParams, zone_park
from scripts.pages import ROOT, text

PAGE = text("docs/zoning.md")
METRIC = pyproj.CRS.from_epsg(4548)
QUICK = ZoningParams(evaluations=50, moves=50)


def section(title):
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def example_checks(folder):
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))["zoning"]["checks"]


def test_what_holds_by_construction_is_what_the_checks_say(example_plan):
    told = set(re.findall(r"^\| `([^`]+)` \|", section("What holds by construction"), re.MULTILINE))
    found = {
        one["check"]: one["verdict"]
        for one in example_checks(example_plan)
        if one["source"] == "construction"
    }
    assert told == set(found)
    assert set(found.values()) == {"met"}


def test_what_is_not_looked_at_is_what_the_checks_say(example_plan):
    told = set(re.findall(r"`([a-z-]+ rules)`", section("What is not looked at yet")))
    unchecked = {one["check"] for one in example_checks(example_plan) if one["verdict"] == "not checked"}
    assert unchecked - told == {"largest share error"}
    assert told <= unchecked


def lay_out(side_m, template="stone"):
    origin = np.array([440_000.0, 2_734_000.0])
    site = shapely.box(*origin, *(origin + side_m))
    return zone_park(SiteInputs(site=site, crs=METRIC), load_template(template), QUICK, seed=1)


@pytest.mark.parametrize(("side_m", "place"), [(1_600.0, 0), (640.0, 1)])
def test_rights_of_way_are_as_wide_as_told(side_m, place):
    told = re.search(
        r"Rights of way are (\d+), (\d+) and (\d+) m .* under 0\.5 km² (\d+), (\d+) and (\d+) m", PAGE
    )
    widths = [float(number) for number in told.groups()][3 * place : 3 * place + 3]
    roads = lay_out(side_m).road_lines
    used = dict(zip(roads["class"], roads["width_m"], strict=True))
    assert used == {
        name: width
        for name, width in zip(("arterial", "collector", "local"), widths, strict=True)
        if name in used
    }
    assert len(used) >= 2


def test_a_site_that_is_too_small_is_refused_with_hectares():
    with pytest.raises(InfeasibleError) as refused:
        lay_out(60.0)
    assert re.search(r"\d\.\d ha .* needs \d", refused.value.message())


def test_the_weights_of_the_letters_and_the_limits_are_in_the_code():
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "planning").rglob("*.py")))
    told = dict(re.findall(r"([AEIO]) (\d(?:\.\d+)?)", re.search(r"closeness letters \(([^;]+);", PAGE)[1]))
    assert told == {"A": "1", "E": "0.7", "I": "0.45", "O": "0.15"}
    weights = re.search(r"_WISHES = \{([^}]+)\}", source)[1]
    assert {key: float(value) for key, value in told.items()} == {
        key: float(value) for key, value in re.findall(r'"(\w)": ([\d.]+)', weights)
    }
    assert re.search(r"VERGE = \(\"1402\", \"G2\"\)", source)
    assert "(1402, G2)" in PAGE


def test_the_samples_miss_their_shares_by_about_what_is_told(parkplan, tmp_path):
    told = float(re.search(r"by at most ([\d.]+) percentage points", PAGE)[1])
    for sample in ("shuitou", "yongan", "dalian"):
        folder = ROOT / "data" / "samples" / sample
        template = {"shuitou": "stone", "yongan": "textile", "dalian": "software"}[sample]
        printed = parkplan(
            "zone", "--boundary", folder / "park.geojson", "--gates", folder / "gates.geojson",
            "--template", template, "-o", tmp_path / sample, "--json",
        )  # fmt: skip
        assert json.loads(printed)["plans"][0]["share_error_pp"] <= told

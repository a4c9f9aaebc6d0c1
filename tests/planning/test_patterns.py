"""Statistics of firms' places: values of spatstat and dbmss, cases by hand, and what stays unknown."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import CancelledError, InfeasibleError, UsageError
from planning.patterns.curves import CORRECTIONS
from planning.stages.patterns import ALL, PatternParams, describe_patterns

ORACLE = json.loads((Path(__file__).parents[1] / "data" / "patterns_oracle.json").read_text(encoding="utf-8"))
POINTS = np.column_stack([ORACLE["points"]["x"], ORACLE["points"]["y"]])
SQUARE = shapely.box(0, 0, 1_000, 1_000)
SPATSTAT = {"none": "un", "border": "border", "translation": "trans", "isotropic": "iso"}
FEW = {"draws": 5, "radii_m": "0:250:5"}


def firms_at(xy, industry=None):
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    columns = {
        "id": [str(place) for place in range(len(xy))],
        "name": "",
        "source_row": range(len(xy)),
        "lon": 114.0,
        "lat": 30.0,
        "precision": "",
        "synthetic": False,
        "in_area": True,
        "closed": False,
    }
    if industry is not None:
        columns["industry"] = industry
    return gpd.GeoDataFrame(columns, geometry=shapely.points(xy), crs=4547)


def described(xy, industry=None, *, params=None, **more):
    return describe_patterns(firms_at(xy, industry), PatternParams(**(params or FEW)), **more)


def measure(result, name, industry=ALL):
    (found,) = [one for one in result.measures if (one.name, one.industry) == (name, industry)]
    return found


def curve(result, name, correction="none", industry=ALL):
    (found,) = [
        one
        for one in result.curves
        if (one.name, one.correction, one.industry) == (name, correction, industry)
    ]
    return found


@pytest.fixture(scope="module")
def two_industries():
    """The 200 points of the oracle, every third of industry b."""
    industry = ["b" if place % 3 == 0 else "a" for place in range(200)]
    return described(POINTS, industry, window=SQUARE)


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_k_is_that_of_spatstat_and_l_its_root(two_industries, correction):
    theirs = np.array(ORACLE["k"]["square"][SPATSTAT[correction]], dtype=float)
    k = curve(two_industries, "ripley_k", correction)
    assert k.r_m.tolist() == ORACLE["k"]["square"]["r"]
    assert k.value == pytest.approx(theirs, rel=1e-9, nan_ok=True)
    assert curve(two_industries, "ripley_l", correction).value == pytest.approx(
        np.sqrt(theirs / np.pi), rel=1e-9, nan_ok=True
    )


def test_clark_and_evans_are_those_of_spatstat(two_industries):
    theirs = ORACLE["clark_evans"]["square"]
    assert measure(two_industries, "nearest_neighbour_mean").value == pytest.approx(
        theirs["mean_nnd"], rel=1e-12
    )
    naive, donnelly = (
        measure(two_industries, name).value for name in ("clark_evans", "clark_evans_donnelly")
    )
    assert (naive, donnelly) == pytest.approx((theirs["all"]["naive"], theirs["all"]["Donnelly"]), rel=1e-9)


def test_the_constant_of_donnelly_is_a_parameter():
    grid = [(x + 0.5, y + 0.5) for x in range(10) for y in range(10)]
    vector = ORACLE["vectors"]["clark_evans_square_grid_10x10"]
    found = described(grid, params={"donnelly_constant": 0.041, "draws": 1}, window=shapely.box(0, 0, 10, 10))
    assert measure(found, "clark_evans_donnelly").value == pytest.approx(vector["R_donnelly"], rel=1e-12)
    assert measure(found, "clark_evans_donnelly").parameters["constant"] == 0.041
    assert measure(found, "clark_evans").value == vector["R"]


@pytest.mark.parametrize("scaling", ["yuill", "sqrt2", "crimestat"])
def test_centres_and_each_scaling_of_the_ellipse_are_those_of_the_books(scaling):
    vector = ORACLE["vectors"]["centrography_ebdon8"]
    found = described(vector["points"], params={"ellipse": scaling, "draws": 1})
    assert measure(found, "mean_centre").value == pytest.approx(vector["mean_centre"])
    assert measure(found, "standard_distance").value == pytest.approx(vector["standard_distance"])
    axes = sorted(value for key, value in vector[f"sde_{scaling}"].items() if "sigma" in key or "axis" in key)
    assert [measure(found, f"ellipse_{name}").value for name in ("minor", "major")] == pytest.approx(axes)


def test_firms_at_one_place_are_pairs_at_distance_0():
    found = described([(10, 10), (10, 10), (90, 90)], params={"radii_m": "0:10:10", "draws": 3},
                      window=shapely.box(0, 0, 100, 100))  # fmt: skip
    # Two ordered pairs of six, times the area.
    assert curve(found, "ripley_k").value == pytest.approx([10_000 / 3, 10_000 / 3])
    assert curve(found, "nearest_neighbour").value == pytest.approx([2 / 3, 2 / 3])


def test_nanometres_from_a_way_through_degrees_part_no_firms():
    noise = np.random.default_rng(1).uniform(-4e-9, 4e-9, POINTS.shape)
    exact, noisy = (described(xy, window=SQUARE) for xy in (POINTS, POINTS + noise))
    for one, other in zip(exact.curves, noisy.curves, strict=True):
        assert one.value.tolist() == pytest.approx(other.value.tolist(), nan_ok=True, rel=1e-15)


def test_the_window_is_given_or_named_and_firms_beyond_it_are_left_out():
    given = described(POINTS, window=shapely.box(0, 0, 500, 1_000))
    inside = int((POINTS[:, 0] <= 500).sum())
    assert (given.window_kind, given.firms, given.outside) == ("given", inside, 200 - inside)
    rectangle, hull = (
        described(POINTS, params={"draws": 1, "radii_m": "0:20:10", "default_window": kind})
        for kind in ("rectangle", "hull")
    )
    points = shapely.multipoints(POINTS)
    for found, shape in ((rectangle, points.envelope), (hull, points.convex_hull)):
        assert found.window.area_m2 == pytest.approx(shape.area)
        assert (found.window_kind, found.outside) == (found.params.default_window, 0)
    with pytest.raises(InfeasibleError, match="none of 200 located firms"):
        described(POINTS, window=shapely.box(2_000, 0, 3_000, 10))


def test_the_share_in_parks_is_an_interval_and_unknown_without_parks(two_industries):
    unknown = measure(two_industries, "in_park_share")
    assert unknown.value is unknown.interval is None
    assert "without a layer of parks" in unknown.unknown.message()
    xy = [(5, 5), (15, 5), (50, 5), (90, 5)]
    found = described(
        xy,
        ["a", "a", "a", "b"],
        params={"around_park_m": 10, "draws": 1},
        parks=shapely.box(0, 0, 10, 10),
        unlocated=["a", None],
        window=shapely.box(0, 0, 100, 100),
    )
    share = measure(found, "in_park_share").interval
    assert (share.low, share.high) == (1 / 6, 4 / 6)
    share = measure(found, "in_park_share", "a").interval
    assert (share.low, share.high) == (1 / 4, 3 / 4)
    assert measure(found, "in_park_share", "b").interval.exact


def test_kd_needs_a_reference_of_other_industries_and_eleven_firms(two_industries):
    everyone = curve(two_industries, "duranton_overman_kd")
    assert "firms of all industries" in everyone.unknown.message()
    assert len(everyone.value) == 0
    known = curve(two_industries, "duranton_overman_kd", industry="b")
    assert (known.band, known.parameters["reference_firms"]) == ("global", 200)
    assert (known.low <= known.high).all()
    few = described(POINTS, ["b" if place < 10 else "a" for place in range(200)], window=SQUARE)
    assert "at least 11" in curve(few, "duranton_overman_kd", industry="b").unknown.message()
    assert "at least 11" in measure(few, "localisation_gamma", "b").unknown.message()


def test_a_crowd_among_scattered_firms_is_localised():
    chance = np.random.default_rng(2)
    xy = np.concatenate([chance.normal(500, 10, (30, 2)), chance.uniform(0, 1_000, (170, 2))])
    found = described(xy, ["crowd"] * 30 + ["other"] * 170, params={"draws": 20, "radii_m": "0:100:5"})
    assert measure(found, "localisation_gamma", "crowd").value > 0.1
    assert measure(found, "dispersion_psi", "crowd").value == 0
    l_curve = curve(found, "ripley_l", "isotropic", "crowd")
    assert (l_curve.value > l_curve.high)[2:].all()


def test_one_industry_alone_has_figures_of_its_own_against_all_firms():
    industry = ["b" if place % 3 == 0 else "a" for place in range(200)]
    alone = described(POINTS, industry, params={**FEW, "industry": "b"}, window=SQUARE)
    both = described(POINTS, industry, window=SQUARE)
    assert {one.industry for one in (*alone.measures, *alone.curves)} == {"b"}
    for one in alone.curves:
        other = curve(both, one.name, one.correction, "b")
        assert one.value.tolist() == pytest.approx(other.value.tolist(), nan_ok=True, rel=1e-15)
        assert one.high.tolist() == pytest.approx(other.high.tolist(), nan_ok=True, rel=1e-15)
    with pytest.raises(InfeasibleError) as refused:
        described(POINTS, industry, params={"industry": "c"}, window=SQUARE)
    assert "a、b" in refused.value.hint()


def test_industries_beyond_the_limit_have_figures_but_no_curves():
    industry = ["a"] * 100 + ["b"] * 60 + ["c"] * 40
    found = described(POINTS, industry, params={**FEW, "most_industries": 2}, window=SQUARE)
    assert found.industries == ("a", "b", "c")
    assert found.without_curves == ("c",)
    assert {one.industry for one in found.curves} == {ALL, "a", "b"}
    assert measure(found, "clark_evans", "c").value > 0


@pytest.mark.parametrize("xy", [[(5, 5)], [(5, 5)] * 3, [(0, 0), (1, 1), (2, 2)]])
def test_firms_that_span_no_area_have_a_centre_and_the_rest_is_unknown(xy):
    found = described(xy)
    assert found.window is None or found.window.area_m2 > 0
    assert measure(found, "mean_centre").value == pytest.approx(tuple(np.mean(xy, axis=0)))
    if found.window is None:
        assert "no study window" in measure(found, "clark_evans").unknown.message()
        assert all(one.unknown is not None and not len(one.value) for one in found.curves)


def test_the_same_seed_gives_the_same_bands_and_another_others():
    industry = ["b" if place % 3 == 0 else "a" for place in range(200)]
    one, same, other = (described(POINTS, industry, window=SQUARE, seed=seed) for seed in (1, 1, 2))
    for first, second in zip(one.curves, same.curves, strict=True):
        assert np.array_equal(first.low, second.low, equal_nan=True)
    assert any(
        not np.array_equal(first.low, second.low, equal_nan=True)
        for first, second in zip(one.curves, other.curves, strict=True)
    )


def test_a_global_envelope_is_the_largest_deviation_anywhere():
    found = described(POINTS, params={**FEW, "envelope": "global"}, window=SQUARE)
    band = curve(found, "ripley_l", "isotropic")
    assert band.band == "global"
    assert np.ptp(band.high - band.r_m) == pytest.approx(0, abs=1e-9)
    k = curve(found, "ripley_k", "isotropic")
    assert k.high == pytest.approx(np.pi * band.high**2)


def test_what_takes_too_long_is_unknown_with_a_sentence_and_the_rest_is_there():
    octagon = shapely.Point(500, 500).buffer(800, quad_segs=2)
    found = described(POINTS[::2], params={"radii_m": "0:700:10", "envelope_draws": 400}, window=octagon)
    slow = curve(found, "ripley_l", "translation")
    assert "translation" in slow.unknown.message()
    assert "fewer draws" in slow.unknown.hint()
    assert len(slow.value) == 71
    assert slow.band == ""


@pytest.mark.parametrize("radii", ["5", "0:10", "10:0:1", "0:10:0", "0:10:20", "-5:10:1", "a:b:c", "0:inf:1"])
def test_distances_that_make_no_row_are_refused(radii):
    with pytest.raises(UsageError, match="FROM:TO:STEP"):
        PatternParams(radii_m=radii)
    with pytest.raises(UsageError, match="5,000 are allowed"):
        PatternParams(radii_m="0:100000:1")


def test_the_work_can_be_stopped():
    def stop(share, what):
        raise CancelledError

    with pytest.raises(CancelledError):
        described(POINTS, window=SQUARE, progress=stop)

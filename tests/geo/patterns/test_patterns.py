"""Statistics of point patterns: answers of spatstat and PySAL, properties, cases by hand, and what is unknown."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from shapely import contains_xy
from shapely.affinity import rotate
from shapely.geometry import Polygon, box

from geo.errors import CancelledError, GeometryError, InfeasibleError
from geo.patterns.centres import (
    deviational_ellipse,
    mean_centre,
    median_centre,
    share_within,
    standard_distance,
)
from geo.patterns.duranton_overman import kd, kd_test, nrd0
from geo.patterns.nearest import clark_evans, nearest_distances
from geo.patterns.pairs import isotropic_weights
from geo.patterns.ripley import l_envelope, ripley_k
from geo.patterns.window import Window

ORACLE = json.loads((Path(__file__).parents[2] / "data" / "patterns_oracle.json").read_text())
VECTORS = ORACLE["vectors"]
XY = np.column_stack([ORACLE["points"]["x"], ORACLE["points"]["y"]])
SQUARE = (0.0, 0.0, 1000.0, 1000.0)
POLYGON = Polygon(np.column_stack([ORACLE["points"]["polygon"]["x"], ORACLE["points"]["polygon"]["y"]]))
PYSAL = np.array(VECTORS["clark_evans_pysal12_bbox"]["points"])
BOUNDS = (*PYSAL.min(axis=0).tolist(), *PYSAL.max(axis=0).tolist())
EBDON = np.array(VECTORS["centrography_ebdon8"]["points"])
CORRECTIONS = {"none": "un", "border": "border", "translation": "trans", "isotropic": "iso"}


def close(ours, theirs, rtol=1e-9):
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=1e-9)


@pytest.mark.parametrize("correction", CORRECTIONS)
@pytest.mark.parametrize("case", ["square", "square_unique", "polygon"])
def test_k_is_that_of_spatstat(case, correction) -> None:
    stored = ORACLE["k"][case]
    points = {
        "square": XY,
        "square_unique": np.unique(XY, axis=0),
        "polygon": XY[Window.of(POLYGON).contains(XY)],
    }[case]
    # The stored "polygon" block has the points of the polygon, in the window of the square.
    ours = ripley_k(points, SQUARE, stored["r"], correction=correction)
    close(ours.k_m2, stored[CORRECTIONS[correction]])
    assert ours.points == (169 if case == "polygon" else len(points))


def test_points_outside_are_left_out_and_counted() -> None:
    assert (ripley_k(XY, POLYGON, [50.0]).points, ripley_k(XY, POLYGON, [50.0]).outside) == (169, 31)


def test_isotropic_weights_of_a_polygon_are_those_of_a_finely_drawn_circle() -> None:
    window, chance = Window.of(POLYGON), np.random.default_rng(0)
    points = XY[window.contains(XY)]
    index, distance = chance.integers(0, len(points), 30), chance.uniform(5, 400, 30)
    angle = np.linspace(0, 2 * math.pi, 100_000, endpoint=False)
    drawn = [
        1 / contains_xy(POLYGON, points[k, 0] + r * np.cos(angle), points[k, 1] + r * np.sin(angle)).mean()
        for k, r in zip(index, distance, strict=True)
    ]
    close(isotropic_weights(points, index, distance, window, 1e9), drawn, rtol=1e-4)


def test_k_of_the_text_divides_by_n_times_n_less_one() -> None:
    block = VECTORS["ripley_pysal12_noedge"]
    ours = ripley_k(PYSAL, BOUNDS, [10, 20, 30, 40], correction="none")
    close(ours.k_m2, [block[str(d)]["K"] for d in (10, 20, 30, 40)])
    close(ours.l_m, [block[str(d)]["L"] for d in (10, 20, 30, 40)])
    by_points = ripley_k(PYSAL, BOUNDS, [30], correction="none", intensity="points")
    close(by_points.k_m2, ours.k_m2[2] * 11 / 12)


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_a_turned_and_moved_window_gives_the_same_k(correction) -> None:
    window = box(*SQUARE)
    turned = rotate(window, 30, origin=(0, 0))
    angle = math.radians(30)
    spin = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    inner = XY[(XY.min(axis=1) > 1) & (XY.max(axis=1) < 999)]
    r = np.linspace(0.37, 200.37, 20)
    plain = ripley_k(inner, window, r, correction=correction).k_m2
    close(ripley_k(inner @ spin, turned, r, correction=correction).k_m2, plain)
    close(
        ripley_k(inner[::-1] * 3 + 3e5, box(3e5, 3e5, 303000, 303000), r * 3, correction=correction).k_m2,
        plain * 9,
    )


def test_isotropic_weights_know_holes() -> None:
    """One firm 2 m from a wide hole on its right: its 4 m circle loses 2 arccos(2/4) of 2π."""
    window = box(-50, -50, 50, 50).difference(box(2, -40, 40, 40))
    ours = ripley_k([[0, 0], [0, 4]], window, [4.0], correction="isotropic")
    lost = 2 * math.acos(0.5) / (2 * math.pi)
    close(ours.k_m2, window.area / 2 * 2 / (1 - lost))


def test_border_counts_the_firm_just_as_far_only_where_told() -> None:
    points = [[10, 50], [50, 50], [50, 55]]
    strict = ripley_k(points, (0, 0, 100, 100), [10.0], correction="border")
    loose = ripley_k(points, (0, 0, 100, 100), [10.0], correction="border", strict_border=False)
    close([strict.k_m2[0], loose.k_m2[0]], [1e4 / 3, 1e4 * 2 / 9])
    assert np.isnan(ripley_k(points, (0, 0, 100, 100), [60.0], correction="border").k_m2).all()


def test_envelopes_follow_the_seed_and_hold_what_is_random() -> None:
    random = np.random.default_rng(5).uniform(0, 1000, (80, 2))
    r = np.linspace(0, 200, 11)
    one, two = (
        l_envelope(random, POLYGON.buffer(900), r, draws=19, seed=4),
        l_envelope(random, POLYGON.buffer(900), r, draws=19, seed=4),
    )
    assert (one.low_m == two.low_m).all()
    assert (one.global_low_m <= one.low_m + 1e-9).all()
    crowd = l_envelope(500 + random / 50, SQUARE, r, draws=19)
    assert crowd.p_value == 0.05
    assert (crowd.observed.l_m[1:] > crowd.global_high_m[1:]).all()


def test_work_can_be_stopped() -> None:
    def stop(share, what):
        raise CancelledError

    with pytest.raises(CancelledError):
        l_envelope(XY, SQUARE, [50.0], progress=stop)
    with pytest.raises(CancelledError):
        kd_test(XY[:20], XY, [50.0], progress=stop)


@pytest.mark.parametrize(("duplicates", "case"), [("keep", "square"), ("once", "square_unique")])
def test_clark_evans_is_that_of_spatstat(duplicates, case) -> None:
    stored = ORACLE["clark_evans"][case]
    naive = clark_evans(XY, SQUARE, correction="naive", duplicates=duplicates)
    close(naive.ratio, stored["all"]["naive"])
    assert naive.p_value / 2 == pytest.approx(
        stored["test_none"]["p"], rel=1e-3
    )  # spatstat rounds the SE otherwise
    close(clark_evans(XY, SQUARE, duplicates=duplicates).ratio, stored["all"]["Donnelly"])
    assert (naive.points, naive.duplicates) == (stored["n"], 10)


def test_nearest_distances_are_those_of_spatstat() -> None:
    close(nearest_distances(XY), ORACLE["clark_evans"]["nndist_square"])
    close(nearest_distances(XY, 5), ORACLE["clark_evans"]["nndist_k5"])
    in_polygon = clark_evans(XY[Window.of(POLYGON).contains(XY)], SQUARE, correction="naive")
    close(in_polygon.ratio, ORACLE["clark_evans"]["polygon_none"])
    close(nearest_distances([[0, 0], [0, 0], [0, 0], [3, 4]]), [0, 0, 0, 5])


@pytest.mark.parametrize("case", ["clark_evans_square_grid_10x10", "clark_evans_pysal12_bbox"])
def test_clark_evans_of_the_text(case) -> None:
    block = VECTORS[case]
    grid = np.stack(np.meshgrid(np.arange(10.0), np.arange(10.0)), -1).reshape(-1, 2)
    points, window = (PYSAL, BOUNDS) if "points" in block else (grid, (-0.5, -0.5, 9.5, 9.5))
    naive = clark_evans(points, window, correction="naive")
    edge = clark_evans(points, window, donnelly_constant=0.041)
    close([naive.ratio, naive.z], [block["R"], block["z"]])
    close([edge.ratio, edge.z], [block["R_donnelly"], block["z_donnelly"]])


def test_kd_is_the_exact_sum() -> None:
    stored = ORACLE["kd"]
    close(nrd0(pdist(XY)), stored["bw_nrd0_all_pairs"])
    close(kd(XY, stored["r"]), stored["kd_exact_unweighted"])
    close(kd(XY, stored["r"], weights=ORACLE["points"]["emp"]), stored["kd_exact_weighted"])
    close(kd(XY, stored["r"], bandwidth_m=30), stored["bw_fixed30"])


def test_kd_as_printed_is_half_a_density() -> None:
    block = VECTORS["duranton_overman_pysal12"]["K_hat_DO2005_pair_once"]
    ours = kd(PYSAL, [10, 20, 30, 50], bandwidth_m=5, reflect=False, normalisation="as_printed")
    close(ours, [block[d] for d in ("10", "20", "30", "50")])
    d = np.linspace(0, 2000, 4001)
    assert np.trapezoid(kd(XY, d), d) == pytest.approx(1, abs=1e-6)


def test_binned_distances_are_off_by_no_more_than_said() -> None:
    test = kd_test(XY[:100], XY, ORACLE["kd"]["r"], draws=20)
    exact = kd(XY[:100], ORACLE["kd"]["r"], bandwidth_m=test.bandwidth_m)
    assert np.abs(test.kd - exact).max() < 1e-4 * exact.max()


def test_a_crowd_is_localised_and_a_random_choice_is_mostly_not() -> None:
    chance = np.random.default_rng(2)
    everyone = chance.uniform(0, 10_000, (600, 2))
    d = np.linspace(0, 5000, 26)
    near = everyone[np.argsort(np.hypot(*(everyone - 5000).T))[:40]]
    crowd = kd_test(near, everyone, d, draws=200)
    assert crowd.localised
    assert crowd.gamma > 0
    assert crowd.psi == 0
    verdicts = [
        kd_test(everyone[chance.choice(600, 40, replace=False)], everyone, d, draws=200, seed=s).localised
        for s in range(20)
    ]
    assert sum(verdicts) <= 4
    assert max(crowd.global_shares) <= 0.05


def test_centres_and_ellipses_of_the_text() -> None:
    block = VECTORS["centrography_ebdon8"]
    close(mean_centre(EBDON), block["mean_centre"])
    close(mean_centre(EBDON, [1, 2] * 4), block["weighted_mean_centre_w_1_2_alternating"])
    close(standard_distance(EBDON), block["standard_distance"])
    close(median_centre(EBDON), [2.34999, 2.48671], rtol=1e-5)
    for scaling in ("yuill", "sqrt2", "crimestat"):
        ours, theirs = deviational_ellipse(EBDON, scaling=scaling), block[f"sde_{scaling}"]
        close(
            [ours.azimuth_deg, ours.minor_m, ours.major_m],
            [theirs["theta_deg_cw_from_north"], theirs["sigma_x"], theirs["sigma_y"]],
        )
    eleven, block = deviational_ellipse(PYSAL[:11], scaling="crimestat"), VECTORS["sde_pysal11_crimestat"]
    close([eleven.azimuth_deg, eleven.major_m], [block["theta_deg_cw_from_north"], block["sigma_y"]])
    strip = np.column_stack([np.arange(51.0), np.where(np.arange(51) % 2, -0.05, 0.05)])
    close(deviational_ellipse(strip).ratio, VECTORS["elongation_strip"]["ratio"])


def test_the_median_centre_is_at_a_firm_where_that_firm_outweighs_the_pull() -> None:
    close(median_centre([[0, 0], [4, 0], [0, 4]], [5, 1, 1]), [0, 0])
    close(median_centre([[0, 0], [2, 2], [4, 4], [10, 10]]), [3, 3])
    close(median_centre([[0, 0], [10, 0]]), [5, 0])
    moved = median_centre(EBDON[::-1] * 1000 + 5e5)
    close(moved, median_centre(EBDON) * 1000 + 5e5)


def test_shares_count_the_firm_on_the_circle() -> None:
    assert share_within([[0, 0], [3, 4], [6, 8], [9, 9]], [0, 0], 5.0) == 0.5


@pytest.mark.parametrize(
    "work",
    [
        lambda: mean_centre(np.empty((0, 2))),
        lambda: median_centre([]),
        lambda: share_within([], [0, 0], 5),
        lambda: deviational_ellipse([[0, 0], [1, 1]], scaling="crimestat"),
        lambda: nearest_distances([[1, 1]]),
        lambda: clark_evans([[1, 1]], SQUARE),
        lambda: clark_evans([[1, 1]] * 5, SQUARE, duplicates="once"),
        lambda: ripley_k([[1, 1], [-5, 0]], SQUARE, [5]),
        lambda: kd([[1, 1]], [5]),
        lambda: kd([[1, 1]] * 9, [5]),
        lambda: kd_test(XY[:10], XY, [5]),
        lambda: kd_test(XY, XY, [5]),
        lambda: kd(np.random.default_rng(1).uniform(0, 1, (10_001, 2)), [5]),
        lambda: l_envelope(XY, SQUARE, [600.0], correction="border"),
        lambda: mean_centre([[0, 0]], [-1]),
    ],
)
def test_what_has_no_answer_says_so(work) -> None:
    with pytest.raises(InfeasibleError):
        work()


def test_one_place_and_one_line_have_what_answers_there_are() -> None:
    same = [[7, 7]] * 4
    close(median_centre(same), [7, 7])
    assert standard_distance(same) == 0
    ellipse = deviational_ellipse(same)
    assert math.isnan(ellipse.azimuth_deg)
    assert math.isnan(ellipse.ratio)
    assert deviational_ellipse([[0, 0], [1, 2], [2, 4]]).ratio == math.inf
    assert clark_evans(same, SQUARE).ratio == 0


def test_unknown_coordinates_and_windows_without_area_are_refused() -> None:
    with pytest.raises(GeometryError):
        nearest_distances([[0, math.nan], [1, 1]])
    with pytest.raises(GeometryError):
        Window.of((0.0, 0.0, 0.0, 5.0))

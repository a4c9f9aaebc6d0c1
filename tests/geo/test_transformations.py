"""Plane and seven-parameter transformations: PROJ as the oracle, cases by hand, points that cannot serve."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CrsError
from geo.transformations import BursaWolf, PlaneSimilarity, fit_bursa_wolf, fit_plane_similarity

SQUARE = np.array([[0.0, 0.0], [1000.0, 0.0], [1000.0, 1000.0], [0.0, 1000.0]])


def geocentric(lon_deg: np.ndarray, lat_deg: np.ndarray, height_m: float = 0.0) -> np.ndarray:
    turn = pyproj.Transformer.from_crs(4979, 4978, always_xy=True)
    return np.column_stack(turn.transform(lon_deg, lat_deg, np.full_like(lon_deg, height_m)))


TOWN = geocentric(np.array([118.3, 118.6, 118.5, 118.35]), np.array([24.6, 24.65, 24.85, 24.8]))


def test_a_quarter_turn_to_the_left_by_hand() -> None:
    turn = PlaneSimilarity(shift_x_m=10, shift_y_m=20, scale=2, rotation_deg=90)
    x, y = turn.apply([1.0, 0.0], [0.0, 1.0])  # east becomes north, north becomes west
    assert np.allclose(x, [10, 8], atol=1e-12)
    assert np.allclose(y, [22, 20], atol=1e-12)
    assert np.allclose(turn.undo(x, y), [[1, 0], [0, 1]], atol=1e-12)


def test_the_plane_agrees_with_proj() -> None:
    ours = PlaneSimilarity(shift_x_m=500123.4, shift_y_m=2_700_321.0, scale=1.00002, rotation_deg=1.25)
    # In two dimensions PROJ turns by theta clockwise (y' = −x sin θ + y cos θ), in arc seconds.
    proj = pyproj.Transformer.from_pipeline("+proj=helmert +x=500123.4 +y=2700321.0 +s=1.00002 +theta=-4500")
    x, y = np.array([0.0, 1234.5, -800.0]), np.array([0.0, 777.0, 4321.0])
    assert np.allclose(ours.apply(x, y), proj.transform(x, y), atol=1e-6)


@pytest.mark.parametrize("convention", ["position_vector", "coordinate_frame"])
def test_seven_parameters_agree_with_proj_in_both_conventions(convention: str) -> None:
    ours = BursaWolf(
        shift_m=(-12.3, 45.6, -7.8), rotation_arcsec=(0.4, -1.2, 2.3), scale_ppm=-3.4, convention=convention
    )  # type: ignore[arg-type]
    proj = pyproj.Transformer.from_pipeline(
        f"+proj=helmert +x=-12.3 +y=45.6 +z=-7.8 +rx=0.4 +ry=-1.2 +rz=2.3 +s=-3.4 +convention={convention}"
    )
    there = np.column_stack(proj.transform(*TOWN.T))
    assert np.abs(ours.apply(TOWN) - there).max() < 1e-6
    found, fit = fit_bursa_wolf(TOWN, there, convention=convention)  # type: ignore[arg-type]
    assert fit.rms_m < 1e-6
    assert np.allclose(found.rotation_arcsec, ours.rotation_arcsec, atol=1e-4)
    assert found.scale_ppm == pytest.approx(-3.4, abs=1e-4)


@given(
    east=st.floats(-5e6, 5e6), north=st.floats(-5e6, 5e6), scale=st.floats(0.9, 1.1), turn=st.floats(-180, 180),
    count=st.integers(2, 12), seed=st.integers(0, 2**31),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_a_plane_fit_finds_what_made_the_points(
    east: float, north: float, scale: float, turn: float, count: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    made = PlaneSimilarity(shift_x_m=east, shift_y_m=north, scale=scale, rotation_deg=turn)
    source = np.vstack([SQUARE[:2], rng.uniform(0, 20_000, (count - 2, 2))]) + rng.uniform(-1e6, 1e6, 2)
    found, fit = fit_plane_similarity(source, np.column_stack(made.apply(*source.T)))
    assert fit.rms_m < 1e-5
    probe = source[0] + rng.uniform(0, 20_000, (50, 2))
    assert np.allclose(found.apply(*probe.T), made.apply(*probe.T), atol=1e-3)


def test_the_residuals_of_a_square_with_one_corner_raised_are_those_by_hand() -> None:
    """A corner moved by d along one axis: with 8 observations and 4 unknowns each corner keeps a part.

    The hat value of each corner is ½ in both axes, so the moved corner keeps d/2 and the residuals
    of the others sum, squared, to as much again: Σ r² = d²(1 − ½).
    """
    moved = SQUARE.copy()
    moved[2, 0] += 0.04
    _, fit = fit_plane_similarity(SQUARE, moved)
    assert sum(r**2 for r in fit.residuals_m) == pytest.approx(0.04**2 / 2)
    assert fit.rms_m == pytest.approx(0.04 / np.sqrt(8))


def test_the_order_of_the_points_changes_nothing() -> None:
    rng = np.random.default_rng(5)
    source = rng.uniform(0, 5_000, (8, 2))
    target = source * 1.00003 + [500_000, 2_700_000] + rng.normal(0, 0.02, (8, 2))
    first, fit = fit_plane_similarity(source, target)
    for _ in range(20):
        order = rng.permutation(8)
        again, _ = fit_plane_similarity(source[order], target[order])
        assert np.allclose(again.apply(*source.T), first.apply(*source.T), atol=1e-6)
    assert 0.005 < fit.rms_m < 0.05


def test_a_fit_over_a_town_is_good_to_a_centimetre_beside_the_points() -> None:
    """Seven parameters of one town are barely determined one by one; where they put a point is."""
    made = BursaWolf(
        shift_m=(115.8, 154.5, 82.3), rotation_arcsec=(-1.0, 2.0, -3.5), scale_ppm=8.0, convention="position_vector"
    )  # fmt: skip
    found, _ = fit_bursa_wolf(TOWN, np.round(made.apply(TOWN), 3))
    inside = geocentric(np.array([118.45]), np.array([24.7]))
    assert np.linalg.norm(found.apply(inside) - made.apply(inside)) < 0.01


@pytest.mark.parametrize("least", [2, 3])
def test_too_few_points_are_told_how_many_are_needed(least: int) -> None:
    fit = fit_plane_similarity if least == 2 else fit_bursa_wolf
    points = np.zeros((least - 1, least))
    with pytest.raises(CrsError, match=f"{least - 1} control points are too few: at least {least}"):
        fit(points, points)


def test_points_at_one_place_and_points_on_a_line_are_refused() -> None:
    with pytest.raises(CrsError, match="coincide"):
        fit_plane_similarity([[0, 0], [1, 1]], [[0, 0], [1, 1]])
    lon = np.array([118.0, 118.1, 118.2])
    line = np.linspace(TOWN[0], TOWN[1], 4)
    with pytest.raises(CrsError, match="on one line"):
        fit_bursa_wolf(line, line)
    meridian = geocentric(np.full(3, 118.0), np.array([24.60, 24.61, 24.62]))
    with pytest.raises(CrsError, match="on one line"):
        fit_bursa_wolf(meridian, meridian)
    assert fit_bursa_wolf(geocentric(lon, np.array([24.6, 24.9, 24.6])), TOWN[[0, 2, 1]])


@pytest.mark.parametrize("wrong", range(6))
def test_one_wrong_point_is_named(wrong: int) -> None:
    rng = np.random.default_rng(wrong)
    names = [f"P{number}" for number in range(1, 7)]
    source = rng.uniform(0, 5_000, (6, 2))
    target = source + np.array([500_000, 2_700_000]) + rng.normal(0, 0.01, (6, 2))
    target[wrong] += [1.0, -0.5]
    with pytest.raises(CrsError, match=f"“P{wrong + 1}” lies 1"):
        fit_plane_similarity(source, target, names)
    lon, lat = 118.3 + source[:, 0] / 1e5, 24.6 + source[:, 1] / 1e5
    first = geocentric(lon, lat)
    second = first + np.array([12.0, -30.0, 5.0])
    second[wrong] += [2.0, 1.0, 1.0]
    with pytest.raises(CrsError, match=f"“P{wrong + 1}” lies 2"):
        fit_bursa_wolf(first, second, names)


def test_good_points_with_their_noise_are_not_accused() -> None:
    accused = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        source = rng.uniform(0, 5_000, (rng.integers(4, 12), 2))
        try:
            fit_plane_similarity(source, source + rng.normal(0, 0.5, source.shape))
        except CrsError:
            accused += 1
    assert accused <= 3  # one in a thousand, by the level of the test

"""Density surfaces and counts: sums done by hand, and the kernel added up point by point."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from scipy.stats import chisquare
from shapely.geometry import Polygon, box

from geo.errors import InfeasibleError
from geo.patterns.counts import cell_polygons, count_in_cells, quadrat_test
from geo.patterns.surface import density_surface

SQUARE = (0.0, 0.0, 1000.0, 1000.0)
POINTS = np.random.default_rng(3).uniform(0, 1000, (200, 2))


def _exact(surface, points, kernel, h):
    a, _, west, _, e, north = surface.transform
    rows, columns = surface.values.shape
    x, y = np.meshgrid(west + (np.arange(columns) + 0.5) * a, north + (np.arange(rows) + 0.5) * e)
    u2 = ((x[..., None] - points[:, 0]) ** 2 + (y[..., None] - points[:, 1]) ** 2) / h**2
    if kernel == "gaussian":
        return (np.exp(-u2 / 2) / (2 * math.pi * h * h)).sum(axis=-1)
    return (3 / (math.pi * h * h) * np.maximum(1 - u2, 0) ** 2).sum(axis=-1)


@pytest.mark.parametrize(
    ("kernel", "h", "cell"), [("gaussian", 60, 25), ("gaussian", 60, 3), ("quartic", 150, 40)]
)
def test_the_surface_is_the_sum_of_the_kernels_to_the_error_it_states(kernel, h, cell) -> None:
    surface = density_surface(POINTS, SQUARE, cell_m=cell, bandwidth_m=h, kernel=kernel)
    exact = _exact(surface, POINTS, kernel, h)
    assert np.abs(surface.values - exact).max() <= surface.error * exact.max()
    assert surface.error <= (1e-3 if kernel == "gaussian" else 4e-3)


def test_the_edge_correction_gives_back_what_falls_outside() -> None:
    grid = np.stack(np.meshgrid(np.arange(5, 1000, 10.0), np.arange(5, 1000, 10.0)), -1).reshape(-1, 2)
    plain = density_surface(grid, SQUARE, cell_m=50, bandwidth_m=100)
    whole = density_surface(grid, SQUARE, cell_m=50, bandwidth_m=100, edge=True)
    np.testing.assert_allclose(whole.values, 0.01, rtol=2e-3)
    assert plain.values[0, 0] < 0.004
    triangle = Polygon([(0, 0), (1000, 0), (0, 1000)])
    assert np.isnan(
        density_surface([[10, 10]], triangle, cell_m=100, bandwidth_m=200, edge=True).values[0, -1]
    )


def test_hexagons_hold_the_points_that_their_outlines_hold() -> None:
    counted = count_in_cells(POINTS, size_m=130)
    outlines = cell_polygons(counted.centres, shape="hexagon", size_m=130)
    held = [int(shapely.contains_xy(one, POINTS[:, 0], POINTS[:, 1]).sum()) for one in outlines]
    assert held == counted.counts.tolist()
    assert counted.counts.sum() == 200
    np.testing.assert_allclose(shapely.area(outlines), 130**2 * math.sqrt(3) / 2)


def test_squares_own_their_west_and_south_side_and_weights_add_up() -> None:
    counted = count_in_cells(
        [[0, 0], [9, 9], [10, 0], [-1, 0]], size_m=10, shape="square", weights=[1, 2, 4, 8]
    )
    assert counted.cells.tolist() == [[-1, 0], [0, 0], [1, 0]]
    assert counted.counts.tolist() == [8, 3, 4]
    assert len(count_in_cells(np.empty((0, 2)), size_m=10).counts) == 0


def test_quadrats_are_pearsons_test() -> None:
    ours = quadrat_test(POINTS, SQUARE, size_m=250)
    theirs = chisquare(np.histogram2d(*POINTS.T, bins=4, range=[(0, 1000)] * 2)[0].ravel())
    assert ours.chi2 == pytest.approx(theirs.statistic, rel=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.freedom == 15
    ell = box(*SQUARE).difference(box(500, 500, 1000, 1000))
    cut = quadrat_test(POINTS, ell, size_m=500)
    np.testing.assert_allclose(cut.expected, (200 - cut.outside) / 3)


@pytest.mark.parametrize(
    "work",
    [
        lambda: density_surface([], SQUARE, cell_m=10, bandwidth_m=50),
        lambda: density_surface(POINTS, SQUARE, cell_m=10, bandwidth_m=0),
        lambda: density_surface(POINTS, SQUARE, cell_m=0.01, bandwidth_m=50),
        lambda: quadrat_test([], SQUARE, size_m=250),
        lambda: quadrat_test(POINTS, SQUARE, size_m=5000),
        lambda: count_in_cells(POINTS, size_m=0),
    ],
)
def test_what_has_no_answer_says_so(work) -> None:
    with pytest.raises(InfeasibleError):
        work()

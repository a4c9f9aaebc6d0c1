"""GCJ-02 and BD-09: the public vectors, and the way back to the millimetre."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.datums import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02

M_PER_DEG = 111_320.0


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((121.5272106, 31.1774276), (121.53154186, 31.17530398)),
        ((116.377817, 39.911954), (116.38404722, 39.91334546)),
    ],
)
def test_the_public_vectors_hold(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert np.allclose(wgs84_to_gcj02(*wgs), gcj, atol=1e-8)


@given(lon=st.floats(73.5, 135.0), lat=st.floats(18.0, 53.5))
@settings(max_examples=300, deadline=None)
def test_the_way_back_is_exact_to_a_millimetre(lon: float, lat: float) -> None:
    for there, back in ((wgs84_to_gcj02, gcj02_to_wgs84), (wgs84_to_bd09, bd09_to_wgs84)):
        again = back(*there(lon, lat))
        assert abs(again[0] - lon) * M_PER_DEG < 1e-3
        assert abs(again[1] - lat) * M_PER_DEG < 1e-3


def test_the_shift_is_some_hundred_metres_in_china_and_none_abroad() -> None:
    lon, lat = wgs84_to_gcj02([118.4, 116.4, 2.35], [24.7, 39.9, 48.86])
    shift_m = (
        np.hypot((lon - [118.4, 116.4, 2.35]) * np.cos(np.radians(lat)), lat - [24.7, 39.9, 48.86])
        * M_PER_DEG
    )
    assert (shift_m[:2] > 200).all()
    assert (shift_m[:2] < 900).all()
    assert shift_m[2] == 0

"""Rows at one place are found whatever the mixing of their coordinates does."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layers.sources.same_place import sharing_rows

DEGREES = st.sampled_from([0.0, -0.0, 1.0, 118.425, float(np.nextafter(118.425, 200)), float("nan")])


@given(st.lists(st.tuples(DEGREES, DEGREES), max_size=40))
def test_rows_share_a_place_as_pairs_of_numbers_do(places: list[tuple[float, float]]) -> None:
    lon, lat = (np.array([place[axis] for place in places], dtype=np.float64) for axis in (0, 1))
    # pandas holds one NaN to be as another; so does the text that they make here.
    texts = [f"{x + 0.0!r} {y + 0.0!r}" for x, y in places]
    assert sharing_rows(lon, lat).tolist() == [n for n, text in enumerate(texts) if texts.count(text) > 1]

"""Odd files end as they must: so many rows taken, set aside, asked about, or the file refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo.errors import ChoiceError, ParkError
from layers.sources.importer import ImportOptions, import_file
from layers.sources.terrain import import_terrain
from tests.layers.conftest import asked, told
from tests.layers.corpus import Odd
from tests.layers.corpus_books import BOOKS, OTHERS
from tests.layers.corpus_bureaus import BUREAUS
from tests.layers.corpus_formats import FORMATS, RASTERS
from tests.layers.corpus_gis import GIS
from tests.layers.corpus_osm import EXTRACTS
from tests.layers.corpus_shapes import DOCUMENTS, PACKAGES
from tests.layers.corpus_text import TEXTS

ALL = [*TEXTS, *BOOKS, *DOCUMENTS, *PACKAGES, *FORMATS, *GIS, *EXTRACTS, *OTHERS, *BUREAUS]


def test_the_corpus_is_large_and_no_two_files_are_named_alike() -> None:
    assert len({one.name for one in ALL}) == len(ALL) >= 150


def failed(odd: Odd, error: ParkError) -> None:
    if isinstance(error, ChoiceError):
        asked(error)
        assert (odd.end, odd.about) == ("ask", error.about), error.message()
        return
    told(error)
    assert (odd.end, odd.code) == ("refuse", error.code), error.message()
    assert error.exit_code == 3


@pytest.mark.parametrize("odd", ALL, ids=[one.name for one in ALL])
def test_an_odd_file_ends_as_it_must(odd: Odd, tmp_path: Path) -> None:
    path = odd.write(tmp_path)
    try:
        got = import_file(path, ImportOptions(**odd.answers))
    except ParkError as error:
        failed(odd, error)
        return
    report = got.report
    assert odd.end == "accept"
    assert (report.accepted, dict(report.reasons)) == (odd.accepted, dict(odd.rejected))
    assert report.rows_in == report.accepted + report.rejected == len(got.table) + len(got.rejects)
    assert odd.warned <= {notice.code for notice in report.warnings}
    assert {column: got.table[column].tolist() for column in odd.cells} == odd.cells
    if odd.rows is not None:
        assert got.table["source_row"].tolist() == odd.rows
    if odd.notices is not None:
        assert {notice.code: notice.count for notice in report.warnings} == odd.notices
    if odd.places is not None:
        assert np.allclose(got.table[["lon", "lat"]], odd.places, atol=1e-8, rtol=0)
    if odd.blank is not None:
        assert report.blank == odd.blank


@pytest.mark.parametrize("odd", RASTERS, ids=[one.name for one in RASTERS])
def test_an_odd_raster_ends_as_it_must(odd: Odd, tmp_path: Path) -> None:
    path = odd.write(tmp_path)
    try:
        got = import_terrain(str(path))
    except ParkError as error:
        failed(odd, error)
        return
    assert (odd.end, odd.accepted) == ("accept", got.facts["valid"])
    assert got.facts["valid"] + got.facts["empty"] == got.facts["width"] * got.facts["height"]
    assert odd.warned <= {notice.code for notice in got.warnings}

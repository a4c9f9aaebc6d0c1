"""Answers in the app name only files that the person gave: none of the server's is read by its name."""

from __future__ import annotations

import pytest

from geo.errors import UsageError
from ui.wizard.draft import only_given_files
from ui.wizard.file import _plain_answers


@pytest.mark.parametrize("name", ["/etc/secrets.toml", "../.streamlit/secrets.TOML", "crs.toml", " a.toml "])
def test_a_typed_name_of_a_file_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="file on the server"):
        only_given_files({"crs": name}, {""})


def test_a_file_that_was_given_and_a_system_by_its_code_are_taken() -> None:
    only_given_files({"crs": "/tmp/session/crs.toml"}, {"/tmp/session/crs.toml"})
    only_given_files({"crs": "EPSG:4548", "encoding": "gb18030"}, ())


def test_a_mapping_names_no_file_but_the_one_that_comes_with_it() -> None:
    mapping = b'kind = "firms"\n[file]\ncrs = "/srv/app/.streamlit/secrets.toml"\nheader = 2\n'
    with pytest.raises(UsageError, match="file on the server"):
        only_given_files(_plain_answers(mapping), {"crs.toml"})
    only_given_files(_plain_answers(b'[file]\ncrs = "crs.toml"\n'), {"crs.toml"})
    for broken in (b"[file", b"\xff\xfe", b"file = 3\n"):
        assert _plain_answers(broken) == {}

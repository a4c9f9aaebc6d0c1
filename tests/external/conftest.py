"""Tests on third-party files that are not part of the project: skipped, with the reason, where they are not at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"
"""Beside the repository's own folder; NOTICE says what lies there and under which licences."""


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the third-party files."""
    if not SHARED.is_dir():
        pytest.skip("there is no folder “shared” with third-party files beside the repository")
    return SHARED

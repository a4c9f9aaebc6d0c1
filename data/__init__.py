"""Catalogues, reference data and samples that ship with the program."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
CATALOGUES = HERE / "catalogues"
REFERENCE = HERE / "reference"
SAMPLES = HERE / "samples"

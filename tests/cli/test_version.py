"""The command says its version."""

from __future__ import annotations

import pytest

import cli
from geo.version import version


def test_the_version_is_that_of_the_installation(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"parkplan {version()}\n"

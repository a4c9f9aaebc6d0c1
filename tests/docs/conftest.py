"""One run of the example scenario, which several tests look at."""

import json
import subprocess
import sys

import pytest

from scripts.pages import ROOT


@pytest.fixture(scope="session")
def parkplan():
    """Return the function that runs the command in a process of its own and returns what it printed."""

    def run(*words, cwd=ROOT, code=0):
        answer = subprocess.run(
            [sys.executable, ROOT / "cli.py", *map(str, words)],
            cwd=cwd,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert answer.returncode == code, answer.stderr
        return answer.stdout

    return run


@pytest.fixture(scope="session")
def example_plan(parkplan, tmp_path_factory):
    """Folder with the files of the example scenario's run; ``summary.json`` is what it printed too."""
    folder = tmp_path_factory.mktemp("example") / "plan"
    printed = parkplan("run", "docs/examples/scenario.toml", "-o", folder, "--json", "--lang", "en")
    assert json.loads(printed) == json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return folder

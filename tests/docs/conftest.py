"""One run of the example scenario, which several tests look at."""

import contextlib
import io
import json

import pytest

import cli
from scripts.pages import shell_lines


@pytest.fixture(scope="session")
def parkplan():
    """Return the function that runs a command and returns what it printed."""

    def run(*words, code=0):
        printed, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
            answer = cli.main([str(word) for word in words])
        assert answer == code, said.getvalue()
        return printed.getvalue()

    return run


@pytest.fixture(scope="session")
def example_plan(parkplan, tmp_path_factory):
    """Folder with the files that the command of docs/examples/README.md writes."""
    (words,) = [words[1:] for words in shell_lines("docs/examples/README.md") if words[1] == "run"]
    folder = tmp_path_factory.mktemp("example") / "plan"
    at = words.index("-o") + 1
    printed = parkplan(*words[:at], folder, *words[at + 1 :], "--json", "--lang", "en")
    assert json.loads(printed) == json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return folder

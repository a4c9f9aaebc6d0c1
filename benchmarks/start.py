"""Start of the command against the bare interpreter, whole processes, in one run.

    python benchmarks/start.py

`parkplan --help` and `parkplan --version` import nothing heavy: the ratio says what is left.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from measure import Row, measured, show

ROOT = Path(__file__).resolve().parents[1]


def run(*words: str) -> None:
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)


def main() -> int:
    bare = measured(lambda: run("-c", "pass"), times=7)
    table = [
        Row(words, measured(lambda words=words: run("cli.py", *words.split()), times=7), bare)
        for words in ("--help", "zone --help", "--version")
    ]
    show("Start", "parkplan …", "python -c pass", table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

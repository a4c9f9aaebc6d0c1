"""`make run`: the built-in sample's plan, where its files lie, then the app on it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cli
from ui.serve import serve

OUT = Path("out")
SAMPLE = "shuitou"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8501)
    options = parser.parse_args()
    code = cli.main(["run", "--sample", SAMPLE, "-o", str(OUT / SAMPLE), "--force"])
    if code:
        return code
    serve(options.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`make demo`: the samples' plans, maps and pictures, without a browser."""

from __future__ import annotations

import sys
from pathlib import Path

import cli
from layers.samples import sample_names

OUT = Path("out")


def main() -> int:
    for name in sample_names():
        code = cli.main(["run", "--sample", name, "-o", str(OUT / name), "--force"])
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m parkplan`` is the command `parkplan`."""

import sys

from cli import main

if __name__ == "__main__":
    sys.exit(main())

"""Version of the program."""

from __future__ import annotations

from importlib import metadata

__all__ = ["version"]


def version() -> str:
    """Version of the program as installed; ``0`` when it only lies there as a folder."""
    try:
        return metadata.version("parkplan")
    except metadata.PackageNotFoundError:
        return "0"

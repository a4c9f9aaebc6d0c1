"""Catalogues (TOML and CSV) as frozen dataclasses."""

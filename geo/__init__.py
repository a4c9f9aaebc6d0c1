"""Geometry, units, coordinate systems and statistics. Knows nothing of parks."""

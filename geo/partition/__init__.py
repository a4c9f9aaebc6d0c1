"""Divide a site: frames, road skeleton, atoms, slicing-tree search. Knows nothing of parks."""

"""The locked process that opens an upload, and the parent that watches it."""

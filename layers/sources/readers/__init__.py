"""Readers, one a format: a file becomes rows of text. They run in the locked worker alone."""

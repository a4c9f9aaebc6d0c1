"""Readers behind the sandboxed worker; nothing else opens an uploaded file."""

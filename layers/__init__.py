"""Sources become checked tables in metres."""

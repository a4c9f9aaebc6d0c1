"""The command `parkplan` and the files of the map component."""

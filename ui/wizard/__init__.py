"""From a file to a checked table on the page: a file, a few questions if need be, a result to look at."""

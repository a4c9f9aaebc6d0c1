"""Statistics of areas: towns, counties or cells with a size for each. Arrays and tables in, numbers out."""

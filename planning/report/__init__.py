"""Results as files: maps, pictures, GeoPackage, tables."""

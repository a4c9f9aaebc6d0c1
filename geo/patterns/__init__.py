"""Statistics of point patterns in the plane. Metres in, numbers out."""

"""What a zoning is made of: the ground, the wishes, the exact coverage, the findings."""

"""Statistics of the places of firms, each figure known, known in part, or unknown with the reason."""

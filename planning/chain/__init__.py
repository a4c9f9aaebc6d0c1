"""成链: which stages of its chain an industry has, what flows between them, and who supplies whom."""

"""Keep what the help desk has to look at."""

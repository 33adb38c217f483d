"""Keep what conversations need to survive a restart."""

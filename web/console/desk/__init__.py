"""Serve the pages on which staff find a parent and help."""

"""Serve the console of the help desk."""

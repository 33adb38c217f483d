"""Serve the pages, the web chat and the REST channel."""

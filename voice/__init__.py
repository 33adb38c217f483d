"""Hear what is spoken and speak what is written, on this machine alone."""

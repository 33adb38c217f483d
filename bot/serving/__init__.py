"""Serve with several workers on one address: one process starts and watches them, each answers alone."""

"""Decide the requests for an account that differ from the school's records."""

"""Decide who may sign in and which children an account is linked to."""

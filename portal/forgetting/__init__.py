"""Forget a family when it asks for it: what is the portal's own goes, what is the school's stays."""

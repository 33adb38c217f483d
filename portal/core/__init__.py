"""Provide what every part of the portal stands on."""

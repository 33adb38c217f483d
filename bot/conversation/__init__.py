"""Understand a message, decide what to do, act and word the answer."""

"""Answer questions about a child for a parent with a live session."""

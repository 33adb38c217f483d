"""Show a child's records on pages: the same answers that the chat gives, for who would rather click."""

"""Hand the assistant out to a school's families, and see how far they have come."""

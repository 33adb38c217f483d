"""Let staff look at a parent's way in, and mend it."""

"""Say how large and how long a recording may be."""

MOST_BYTES = 2_000_000
MOST_SECONDS = 60.0

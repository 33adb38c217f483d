"""Hold the engines; each runs only in a worker process."""

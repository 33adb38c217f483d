"""Hold the builders and fakes that tests share."""

"""Watch what happens: one event is a line of the log and what the figures count."""

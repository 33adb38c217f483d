"""Hold what the student information system says."""

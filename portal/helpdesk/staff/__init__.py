"""Know who works at the help desk, in which role, and what each role may do."""

"""Hold the accounts, the records and the rules of the parent portal."""

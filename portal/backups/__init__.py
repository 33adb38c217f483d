"""Write a database to a file while it is in use, and bring it back into an empty one."""

"""How long a test waits for another process before it gives up."""

# In seconds: to be reached on a machine that gives a quarter of its time, and by what never comes.
PATIENCE = 300.0

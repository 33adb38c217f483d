"""How long a test waits for another process, or for its turn behind many, before it gives up."""

# In seconds: enough where a machine gives a quarter of its time, and spent in full only on what never comes.
PATIENCE = 300.0

"""Keep what conversations need to survive a restart: state, inbox, tickets, buttons, transcript."""

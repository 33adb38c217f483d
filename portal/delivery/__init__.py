"""Take messages out of the outbox, one worker at a time, and note what came of each."""

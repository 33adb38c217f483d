"""Send the mails of the outbox: word them, hand them over, note what came of it."""

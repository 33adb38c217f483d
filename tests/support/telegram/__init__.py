"""Hold the other side of the Telegram channel: a server not ours, people, a network that fails."""

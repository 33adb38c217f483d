"""Translate between one channel and the messages of bot.messages, one file a channel."""

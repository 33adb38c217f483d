"""Run the assistant: channels, conversation, settings and the command line."""

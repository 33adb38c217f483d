"""Ask the portal one question at a time, as rasa-sdk actions."""

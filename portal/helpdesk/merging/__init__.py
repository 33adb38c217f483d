"""Put two accounts of one parent together."""

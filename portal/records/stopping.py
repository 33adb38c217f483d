"""Derive the keys with which regular mails are stopped."""

from base64 import urlsafe_b64encode

from portal.core.keys import Keys
from portal.core.secret import Secret


def stop_key(keys: Keys, notification_id: str) -> Secret:
    """Return the key of a notification: the same in every mail, and never stored."""
    derived = keys.mac("stop notification", notification_id)
    return Secret(urlsafe_b64encode(derived).decode().rstrip("="))

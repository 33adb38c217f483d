"""Derive the keys with which regular mails are stopped."""

from portal.core.keys import Keys
from portal.core.secret import Secret


def stop_key(keys: Keys, notification_id: str) -> Secret:
    """Return the key of a notification: the same in every mail, and never stored."""
    return Secret(keys.token("stop notification", notification_id))

"""Show a parent their own settings, and change those that need no password."""

from portal.accounts.outcomes import PreferencesShown
from portal.core.context import Context
from portal.core.outcomes import Refused


class Preferences:
    """Keep the settings of whoever is signed in on a conversation."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def show(self, conversation: str) -> PreferencesShown | Refused:
        """Return the settings of the signed-in parent."""
        raise NotImplementedError

    def change_name(self, conversation: str, first_name: str, last_name: str) -> PreferencesShown | Refused:
        """Change the name that the parent is greeted with."""
        raise NotImplementedError

    def change_language(self, conversation: str, language: str) -> PreferencesShown | Refused:
        """Change the language that mails are written in and the assistant starts with."""
        raise NotImplementedError

    def cancel_email_change(self, conversation: str) -> PreferencesShown | Refused:
        """Take back a change of address that waits to be confirmed."""
        raise NotImplementedError

    def undo_email_change(self, district: str, token: str) -> bool:
        """Stop a change of address with the token that went to the old one; end all sessions."""
        raise NotImplementedError

"""Ask for the mails that let a parent back in; the answer is the same whoever asks."""

from portal.accounts.outcomes import MailAsked, RecoverPassword, RecoverUsername, ResendConfirmation
from portal.core.context import Context
from portal.core.outcomes import Refused


class Recovery:
    """Write the mails of recovery, at the same cost whether or not anybody is on file."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def ask_password(self, request: RecoverPassword) -> MailAsked | Refused:
        """Send a token to the address on file, if name and address belong together."""
        raise NotImplementedError

    def ask_username(self, request: RecoverUsername) -> MailAsked | Refused:
        """Send the usernames of an address to it, if it is on file and confirmed."""
        raise NotImplementedError

    def ask_confirmation(self, request: ResendConfirmation) -> MailAsked | Refused:
        """Send the mail once more with which an address is confirmed, if one waits for it."""
        raise NotImplementedError

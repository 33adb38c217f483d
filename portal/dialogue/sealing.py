"""Tell whether this process has the key that the conversations were sealed with."""

from cryptography.fernet import InvalidToken
from sqlalchemy import select

from portal.core.context import Context
from portal.core.sealed import unseal
from portal.dialogue.models import ConversationRow

# One row may rot; that all of several do is another key.
LOOKED_AT = 5


class Sealing:
    """Look at what is sealed, inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._session = context.session
        self._keys = context.keys

    def fits(self) -> bool:
        """Tell whether the key opens any of what it is tried on; any key fits where nothing is sealed yet."""
        states = select(ConversationRow.state).where(ConversationRow.state.is_not(None)).limit(LOOKED_AT)
        sealed = [each for each in self._session.scalars(states) if each is not None]
        return not sealed or any(map(self._opens, sealed))

    def _opens(self, sealed: bytes) -> bool:
        try:
            unseal(self._keys, sealed)
        except (InvalidToken, ValueError):
            return False
        return True

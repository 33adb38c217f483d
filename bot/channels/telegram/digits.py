"""Take the six digits that a page shows, typed into the chat, before anything else reads them."""

import re
import unicodedata
from dataclasses import replace

from bot.messages import IncomingMessage, MessageKind
from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal

JOINED = "utter_aside_joined"
WRONG = "utter_aside_wrong_digits"
OVER = "utter_aside_digits_over"

_SIX = re.compile(r"(?:\d[\s-]*){6}")


def without_digits(portal: Portal, message: IncomingMessage) -> IncomingMessage:
    """Return what became of digits that a page waits for; any other message as it is."""
    typed = _six_digits(message)
    if typed is None:
        return message
    with portal.begin() as tx:
        conversation = tx.dialogue.find(message.channel, message.sender)
        outcome = tx.joins.typed(conversation.id, typed) if conversation else None
    if outcome is None:
        return message
    said = JOINED
    if isinstance(outcome, Refused):
        said = OVER if outcome.reason is Reason.TICKET_VOID else WRONG
    # What was typed goes no further: only what came of it does.
    return replace(message, kind=MessageKind.COMMAND, text=said)


def _six_digits(message: IncomingMessage) -> str | None:
    if message.kind is not MessageKind.TEXT or not _SIX.fullmatch(message.text.strip()):
        return None
    # Somebody who writes Arabic may type them as they are written there.
    return "".join(str(unicodedata.digit(each)) for each in message.text if each.isdigit())

"""Take the six digits that a page shows, typed into the chat, before anything else reads them."""

import re
import unicodedata
from dataclasses import replace

from bot.messages import ASIDE, IncomingMessage, MessageKind
from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal

JOINED = f"{ASIDE}joined"
WRONG = f"{ASIDE}wrong_digits"
OVER = f"{ASIDE}digits_over"

_SIX = re.compile(r"(?:\d[\s-]*){6}")


def six_digits(message: IncomingMessage) -> str | None:
    """Return the six digits that are all there is in a message."""
    if message.kind is not MessageKind.TEXT or not _SIX.fullmatch(message.text.strip()):
        return None
    # Somebody who writes Arabic may type them as they are written there.
    return "".join(str(unicodedata.digit(each)) for each in message.text if each.isdigit())


def taken(portal: Portal, message: IncomingMessage, digits: str) -> IncomingMessage:
    """Return what became of digits where a page waits for some; else the message as it is."""
    with portal.begin() as tx:
        conversation = tx.dialogue.find(message.channel, message.sender)
        outcome = tx.joins.typed(conversation.id, digits) if conversation else None
    if outcome is None:
        return message
    said = JOINED
    if isinstance(outcome, Refused):
        said = OVER if outcome.reason is Reason.TICKET_VOID else WRONG
    # What was typed goes no further: only what came of it does.
    return replace(message, kind=MessageKind.COMMAND, text=said)

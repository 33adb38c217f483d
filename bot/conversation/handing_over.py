"""Pass on what is written to staff while they are in the chat; the assistant is silent."""

from bot.conversation.exchange import Exchange
from bot.conversation.project import HAND_BACK
from bot.conversation.typed_secrets import REMOVED
from portal.dialogue.outcomes import ForCase
from portal.helpdesk.case_outcomes import HandedOver

BACK = "utter_button_hand_back"


async def pass_on(exchange: Exchange, case: HandedOver, text: str) -> None:
    """Leave what was written to staff, unless it says what the button says that ends the talk with them.

    An Access Password in it was taken out before.
    """
    if _plain(text) == _plain(exchange.engine.wording.text(BACK, {}, exchange.manner)):
        await exchange.perform(HAND_BACK)
        return
    exchange.for_case = ForCase(case.number, text)
    if REMOVED in text:
        exchange.utter("utter_access_password_typed")


def _plain(text: str) -> str:
    return text.casefold().strip(" .!?")

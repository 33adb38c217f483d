"""Leave a message for the school: it becomes a case that somebody looks at."""

from typing import Any

from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.addresses import find_address
from actions.base import Event, PortalAction, entity, leave_form, set_slots
from actions.places import facts
from portal.accounts.outcomes import LiveSession
from portal.helpdesk.outcomes import CaseKind, CaseOpened, NewCase
from portal.transaction import Transaction

# A telephone number or an address has at least so many characters; a "no" has fewer.
LEAST_REACH = 5
MOST_REACH = 200
LEAST_TEXT = 3
KINDS = frozenset(kind.value for kind in CaseKind)


class BeginMessage(PortalAction):
    """Begin a message for the school."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_begin_message"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Note what it is about, and keep an address that was given at once."""
        about = entity(tracker, "message")
        kind = about if about in KINDS else tracker.get_slot("message_about") or CaseKind.OTHER.value
        reach = find_address(tracker.latest_message.get("text") or "")
        kept = set_slots({"message_about": kind, "message_reach": reach, "message_text": None})
        return [*leave_form(tracker, "sign_in_form"), *kept, FollowupAction("message_form")]


class AskMessageText(PortalAction):
    """Ask what happened."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_message_form_message_text"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say what the school needs to know for what it is about."""
        about = tracker.get_slot("message_about") or CaseKind.OTHER.value
        dispatcher.utter_message(response=f"utter_ask_message_{about}", **facts(await self.district(tracker)))
        return []


class ValidateMessageForm(FormValidationAction):
    """Take what was typed, as long as somebody can do something with it."""

    def name(self) -> str:
        """Name the action that checks the form's answers."""
        return "validate_message_form"

    def validate_message_reach(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Ask again for what nobody can be reached by."""
        typed = str(value or "").strip()
        reachable = "@" in typed or sum(map(str.isdigit, typed)) >= LEAST_REACH
        if reachable and len(typed) <= MOST_REACH:
            return {"message_reach": typed}
        dispatcher.utter_message(response="utter_message_reach_unclear")
        return {"message_reach": None}

    def validate_message_text(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Ask again for next to nothing."""
        typed = str(value or "").strip()
        if len(typed) >= LEAST_TEXT:
            return {"message_text": typed}
        dispatcher.utter_message(response="utter_message_text_unclear")
        return {"message_text": None}


class SettleMessage(PortalAction):
    """Pass the message on, and tell the number of the case."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_message"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say what happens next; the same family's next message is added to the open case."""
        district, opened = await self.ask_here(tracker, lambda tx: _open(tx, tracker))
        key = "utter_message_left" if opened.is_new else "utter_message_added"
        reach = tracker.get_slot("message_reach")
        dispatcher.utter_message(response=key, number=str(opened.number), reach=reach, **facts(district))
        return set_slots({"message_about": None, "message_reach": None, "message_text": None})


def _open(tx: Transaction, tracker: Tracker) -> CaseOpened:
    live = tx.sessions.any_scope(tracker.sender_id)
    about = tracker.get_slot("message_about")
    given = {
        "reach": tracker.get_slot("message_reach"),
        "happened": tracker.get_slot("message_text"),
        "username": tracker.get_slot("username"),
    }
    return tx.cases.open(
        NewCase(
            district=tracker.get_slot("district") or "",
            kind=CaseKind(about) if about in KINDS else CaseKind.OTHER,
            conversation=tracker.sender_id,
            channel=tracker.get_slot("channel") or "",
            language=tracker.get_slot("language") or "en",
            account_id=live.account_id if isinstance(live, LiveSession) else None,
            details={name: str(value) for name, value in given.items() if value},
        )
    )

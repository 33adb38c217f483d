"""Ask a parent to sign in first, and remember what for."""

from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.base import Event, leave_form, set_slots, start_form, start_sign_in
from portal.core.districts import District
from portal.core.outcomes import Reason, Refused

NEEDS_SESSION = frozenset({Reason.NOT_SIGNED_IN, Reason.SESSION_ENDED, Reason.MUST_CHANGE_PASSWORD})


def needs_session(refused: Refused) -> bool:
    """Tell whether signing in, or finishing to, is what the refusal asks for."""
    return refused.reason in NEEDS_SESSION


def ask_to_sign_in(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    district: District,
    refused: Refused,
    resume: dict[str, Any],
) -> list[Event]:
    """Start what is missing; the question is answered as soon as that is done."""
    kept = SlotSet("resume", resume)
    match refused.reason:
        case Reason.MUST_CHANGE_PASSWORD:
            dispatcher.utter_message(response="utter_change_password_first")
            return [kept, *start_form("change_password_form")]
        case Reason.SESSION_ENDED:
            # The next one at this device may be somebody else: nothing of the last family stays.
            minutes = district.options.session_idle_minutes
            dispatcher.utter_message(response="utter_session_ended")
            dispatcher.utter_message(response="utter_session_ended_why", count=minutes)
            forgotten = set_slots({"student": None, "question": None})
            return [*forgotten, *_leave_change(tracker), kept, *start_sign_in(tracker)]
        case _:
            changing = resume.get("action") == "action_begin_change_password"
            first = "utter_sign_in_first_to_change" if changing else "utter_sign_in_first"
            dispatcher.utter_message(response=first)
            return [*_leave_change(tracker), kept, *start_sign_in(tracker)]


def _leave_change(tracker: Tracker) -> list[Event]:
    # A change of password belongs to the session that is over; it must not come back after signing in.
    return leave_form(tracker, "change_password_form")

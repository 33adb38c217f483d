"""Give every action its way to the portal: one question, asked off the event loop."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextvars import copy_context
from typing import Any, TypeVar

import structlog
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.interfaces import Action, Tracker

from portal.accounts.outcomes import Asker
from portal.core.districts import District
from portal.core.outcomes import reasons_in
from portal.transaction import Portal, Transaction

Answer = TypeVar("Answer")
Event = dict[str, Any]
Words = dict[str, Any]
_log = structlog.get_logger("actions")

# What a conversation holds about a family; none of it outlives the session.
FAMILY_SLOTS = (
    "student",
    "question",
    "attended",
    "resume",
    "username",
    "secret_outcome",
    "recovery_email",
    "mail_promised",
    "first_name",
    "last_name",
    "email",
    "desired_username",
    "access_id",
    "relationship",
    "children",
    "security_question",
    "suggestions",
    "unlink_student",
    "registration",
    "registration_child",
    "registration_courses",
    "notify_students",
    "notify_subjects",
    "notify_chosen",
    "notify_frequency",
    "notify_confirmed",
)


class PortalAction(Action):
    """Read the slots, ask the portal one question, and match the outcome."""

    def __init__(self, portal: Portal, threads: Executor) -> None:
        """Take the portal and the bounded threads in which it is asked."""
        self._portal = portal
        self._threads = threads

    async def ask(self, question: Callable[[Transaction], Answer], *, read_only: bool = False) -> Answer:
        """Return the answer to one question, asked in one transaction in another thread."""
        loop = asyncio.get_running_loop()
        # What is logged there belongs to the turn that asks here.
        asked = copy_context().run
        answer = await loop.run_in_executor(self._threads, asked, self._asked, question, read_only)
        for reason in reasons_in(answer):
            _log.info("refused", door="chat", reason=reason.value)
        return answer

    async def district(self, tracker: Tracker) -> District:
        """Return the district that this conversation is about."""
        return await self.ask(lambda tx: district_of(tx, tracker), read_only=True)

    async def ask_here(
        self, tracker: Tracker, question: Callable[[Transaction], Answer]
    ) -> tuple[District, Answer]:
        """Return the district with the answer, from one transaction."""

        def both(tx: Transaction) -> tuple[District, Answer]:
            # In this order: whoever looks for a session has the district at hand afterwards.
            answer = question(tx)
            return district_of(tx, tracker), answer

        return await self.ask(both)

    def _asked(self, question: Callable[[Transaction], Answer], read_only: bool) -> Answer:  # noqa: FBT001  (run_in_executor passes no keywords)
        with self._portal.begin(read_only=read_only) as tx:
            return question(tx)


def district_of(tx: Transaction, tracker: Tracker) -> District:
    """Return the district of the conversation; the engine has asked for it before any action runs."""
    slug = tracker.get_slot("district") or ""
    district = tx.districts.get(slug)
    if district is None:
        raise LookupError(slug)
    return district


def asker(tracker: Tracker) -> Asker:
    """Say who asks for something without being signed in, and where to tell what came of it."""
    message = tracker.latest_message
    return Asker(
        district=tracker.get_slot("district") or "",
        conversation=tracker.sender_id,
        channel=tracker.get_slot("channel") or "",
        source=(message.get("metadata") or {}).get("source") or "",
        request_id=message.get("message_id") or "",
        language=tracker.get_slot("language") or "en",
    )


def entity(tracker: Tracker, name: str) -> Any:
    """Return the last value of an entity in the message being answered, or None: "not Leo, Maya"."""
    entities = reversed(tracker.latest_message.get("entities") or [])
    return next((each.get("value") for each in entities if each.get("entity") == name), None)


def intent(tracker: Tracker) -> str:
    """Return the name of the intent being answered."""
    name = (tracker.latest_message.get("intent") or {}).get("name")
    return name or ""


def wants_steps(tracker: Tracker) -> bool:
    """Tell whether the parent asked how to do it rather than to have it done."""
    return bool(entity(tracker, "how_to"))


def part(response: str, **values: Any) -> Words:
    """Name a response whose words are put into another one."""
    return {"response": response, **values}


def set_slots(values: Mapping[str, Any]) -> list[Event]:
    """Return the events that set the slots."""
    return [SlotSet(name, value) for name, value in values.items()]


def forget_family() -> list[Event]:
    """Return the events that clear everything that a conversation holds about a family."""
    return set_slots(dict.fromkeys(FAMILY_SLOTS))


def offer(action: str, slots: Mapping[str, Any] | None = None, otherwise: str = "") -> Event:
    """Return the event that makes a yes to the next message mean this action, a no the other one."""
    return SlotSet("offer", {"action": action, "slots": dict(slots or {}), "otherwise": otherwise})


def offer_to_type(form: str, slot: str, action: str) -> Event:
    """Return the event that lets a bare word begin a form with this slot, and a yes begin it anew."""
    return SlotSet("offer", {"action": action, "slots": {}, "otherwise": "", "form": form, "types": slot})


def start_form(name: str) -> list[Event]:
    """Return the events that start a form whose last masked field is yet to be filled in."""
    return [SlotSet("secret_outcome", None), FollowupAction(name)]


def is_filling_in(tracker: Tracker, form: str) -> bool:
    """Tell whether this form is the active one."""
    return bool((tracker.active_loop or {}).get("name") == form)


# Ways in stand for each other: who turns to one of them has given up the other.
WAYS_IN = (
    "sign_in_form",
    "recover_password_form",
    "recover_username_form",
    "confirm_email_form",
    "report_lockout_form",
)


def leave_ways_in(tracker: Tracker) -> list[Event]:
    """Return the events that leave a way in that was begun."""
    return [event for form in WAYS_IN for event in leave_form(tracker, form)]


def leave_form(tracker: Tracker, form: str) -> list[Event]:
    """Return the events that leave this form, if it is the active one, so that it does not come back."""
    return [ActiveLoop(None), SlotSet("requested_slot", None)] if is_filling_in(tracker, form) else []


def start_sign_in(tracker: Tracker) -> list[Event]:
    """Return the events that start to sign in, keeping a username that was just given."""
    if is_filling_in(tracker, "sign_in_form"):
        return start_form("sign_in_form")
    return [SlotSet("username", entity(tracker, "username")), *start_form("sign_in_form")]

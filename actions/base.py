"""Give every action its way to the portal: one question, asked off the event loop."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any, TypeVar

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.interfaces import Action, Tracker

from portal.core.districts import District
from portal.transaction import Portal, Transaction

Answer = TypeVar("Answer")
Event = dict[str, Any]
Words = dict[str, Any]

# What a conversation holds about a family; none of it outlives the session.
FAMILY_SLOTS = ("student", "question", "resume", "username", "secret_outcome")


class PortalAction(Action):
    """Read the slots, ask the portal one question, and match the outcome."""

    def __init__(self, portal: Portal, threads: Executor) -> None:
        """Take the portal and the bounded threads in which it is asked."""
        self._portal = portal
        self._threads = threads

    async def ask(self, question: Callable[[Transaction], Answer], *, read_only: bool = False) -> Answer:
        """Return the answer to one question, asked in one transaction in another thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._asked, question, read_only)

    async def district(self, tracker: Tracker) -> District:
        """Return the district that this conversation is about."""
        return await self.ask(lambda tx: district_of(tx, tracker), read_only=True)

    async def ask_here(
        self, tracker: Tracker, question: Callable[[Transaction], Answer]
    ) -> tuple[District, Answer]:
        """Return the district with the answer, from one transaction."""
        return await self.ask(lambda tx: (district_of(tx, tracker), question(tx)))

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


def start_form(name: str) -> list[Event]:
    """Return the events that start a form whose last masked field is yet to be filled in."""
    return [SlotSet("secret_outcome", None), FollowupAction(name)]


def start_sign_in(tracker: Tracker) -> list[Event]:
    """Return the events that start to sign in, keeping a username that was just given."""
    if (tracker.active_loop or {}).get("name") == "sign_in_form":
        return start_form("sign_in_form")
    return [SlotSet("username", entity(tracker, "username")), *start_form("sign_in_form")]

"""Leave a message for the school: it becomes a case that somebody looks at."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.addresses import find_address
from actions.base import Event, PortalAction, asker, entity, leave_ways_in, part, set_slots
from actions.cases import WAITS
from actions.places import facts
from actions.request_reply import QUESTION, begin_reply, open_question
from actions.steps import Answers, StepForm
from portal.accounts.outcomes import LiveSession, SafelyDiagnosed
from portal.core.outcomes import Refused
from portal.helpdesk.outcomes import OF_FAMILIES, CaseKind, CaseOpened, NewCase
from portal.transaction import Transaction

# The shortest telephone numbers that somebody can be called at.
LEAST_DIGITS = 7
MOST_REACH = 200
LEAST_TEXT = 6
# Kept in the place of a number or an address by a family that has neither.
NOWHERE = "-"
KINDS = frozenset(kind.value for kind in OF_FAMILIES)


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
        if QUESTION in {about, tracker.get_slot("message_about")}:
            # What was asked about a request is answered to whoever asked, and opens no case.
            return begin_reply(dispatcher, tracker, await self.ask(partial(open_question, tracker)))
        kind = about if about in KINDS else tracker.get_slot("message_about") or CaseKind.OTHER.value
        reach = find_address(tracker.latest_message.get("text") or "")
        await self._look(dispatcher, tracker, kind)
        kept = set_slots({"message_about": kind, "message_reach": reach, "message_text": None})
        return [*leave_ways_in(tracker), *kept, FollowupAction("message_form")]

    async def _look(self, dispatcher: CollectingDispatcher, tracker: Tracker, kind: str) -> None:
        """Rule out the usual cause first, and say what was found: the same for names that nobody has."""
        username = str(tracker.get_slot("username") or "")

        def found(tx: Transaction) -> SafelyDiagnosed | None:
            live = tx.sessions.any_scope(tracker.sender_id, touch=False)
            slug = tracker.get_slot("district") or ""
            return None if isinstance(live, LiveSession) else tx.diagnosis.safely(slug, username)

        looked = await self.ask(found, read_only=True) if username else None
        if looked is None:
            return
        if looked.since is None:
            if kind == CaseKind.CANNOT_SIGN_IN.value:
                dispatcher.utter_message(response="utter_message_looked_free", username=username)
            return
        since, fails = {"datetime": looked.since.isoformat()}, {"number": looked.fails}
        dispatcher.utter_message(
            response="utter_message_looked_locked", username=username, since=since, fails=fails
        )


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


def check_reach(value: Any, answers: Answers) -> None:
    """Ask again for what nobody can be reached by."""
    typed = str(value or "").strip()
    if typed == NOWHERE:
        # The message itself then says how the school finds the family.
        answers.slots |= {"message_reach": NOWHERE, "message_about": CaseKind.NO_PHONE.value}
        return
    reachable = find_address(typed) is not None or sum(map(str.isdigit, typed)) >= LEAST_DIGITS
    if reachable and len(typed) <= MOST_REACH:
        answers.slots["message_reach"] = typed
        return
    answers.slots["message_reach"] = None
    answers.refused = True
    answers.said.append(part("utter_message_reach_unclear"))


def check_text(value: Any, answers: Answers) -> None:
    """Ask again for next to nothing."""
    typed = str(value or "").strip()
    if len(typed) >= LEAST_TEXT:
        answers.slots["message_text"] = typed
        return
    answers.slots["message_text"] = None
    answers.refused = True
    answers.said.append(part("utter_message_text_unclear"))


class ValidateMessageForm(StepForm):
    """Take what was typed, as long as somebody can do something with it."""

    form = "message_form"
    checks = MappingProxyType({"message_reach": check_reach, "message_text": check_text})

    def steps(self, slots: Mapping[str, Any]) -> tuple[str, ...]:
        """Ask first how to reach the family: a message alone helps nobody."""
        return ("message_reach", "message_text")


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
        if isinstance(opened, Refused):
            dispatcher.utter_message(response="utter_message_throttled", **facts(district))
            return set_slots({"message_about": None, "message_reach": None, "message_text": None})
        key = "utter_message_left" if opened.is_new else "utter_message_added"
        reach = tracker.get_slot("message_reach")
        if reach == NOWHERE:
            key = "utter_message_left_without_phone"
        # A page that is open looks whether staff answer.
        dispatcher.utter_message(
            response=key,
            number=str(opened.number),
            reach=reach,
            custom={"case": WAITS},
            **facts(district),
        )
        return set_slots({"message_about": None, "message_reach": None, "message_text": None})


def _open(tx: Transaction, tracker: Tracker) -> CaseOpened | Refused:
    live = tx.sessions.any_scope(tracker.sender_id)
    about = tracker.get_slot("message_about")
    given = {
        "reach": None if tracker.get_slot("message_reach") == NOWHERE else tracker.get_slot("message_reach"),
        "happened": tracker.get_slot("message_text"),
        "username": tracker.get_slot("username"),
    }
    who = asker(tracker)
    new = NewCase(
        district=who.district,
        kind=CaseKind(about) if about in KINDS else CaseKind.OTHER,
        conversation=who.conversation,
        channel=who.channel,
        language=who.language,
        account_id=live.account_id if isinstance(live, LiveSession) else None,
        details={name: str(value) for name, value in given.items() if value},
    )
    return tx.cases.ask(new, who.source)

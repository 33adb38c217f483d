"""Answer what the school asked about a request for an account."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, leave_form, leave_ways_in, set_slots
from actions.steps import Answers, StepForm
from portal.core.outcomes import Refused
from portal.transaction import Transaction

FORM = "request_reply_form"
# What the button under a question says that a message is about.
QUESTION = "request_question"
EMPTY = {"message_about": None, "request_reply": None}


def open_question(tracker: Tracker, tx: Transaction) -> str | None:
    """Return what the school asked in this conversation and nobody has answered, if anything."""
    return tx.request_answers.question(tracker.sender_id)


def begin_reply(dispatcher: CollectingDispatcher, tracker: Tracker, question: str | None) -> list[Event]:
    """Return the events that begin the answer; say so where none is awaited any more."""
    if question is None:
        dispatcher.utter_message(response="utter_request_reply_none")
        return set_slots(EMPTY)
    return [*leave_ways_in(tracker), *set_slots(EMPTY), FollowupAction(FORM)]


class AskRequestReply(PortalAction):
    """Repeat the question, and ask for the answer."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_request_reply_form_request_reply"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Leave the form where the question was closed in the meantime."""
        question = await self.ask(partial(open_question, tracker))
        if question is None:
            dispatcher.utter_message(response="utter_request_reply_none")
            return leave_form(tracker, FORM)
        dispatcher.utter_message(response="utter_ask_request_reply_form_request_reply", words=question)
        return []


def keep_reply(value: Any, answers: Answers) -> None:
    """Keep what was typed."""
    answers.slots["request_reply"] = str(value or "").strip() or None


class ValidateRequestReplyForm(StepForm):
    """Take the answer as it was typed: whatever it resembles, it is no command."""

    form = FORM
    checks = MappingProxyType({"request_reply": keep_reply})

    def steps(self, slots: Mapping[str, Any]) -> tuple[str, ...]:
        """Ask for nothing but the answer."""
        return ("request_reply",)


class SettleRequestReply(PortalAction):
    """Pass the answer on to the school."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_request_reply"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say that the school has it, or that nobody waits for it any more."""
        words = str(tracker.get_slot("request_reply") or "")
        outcome = await self.ask(lambda tx: tx.request_answers.answer(tracker.sender_id, words))
        response = "utter_request_reply_none" if isinstance(outcome, Refused) else "utter_request_reply_left"
        dispatcher.utter_message(response=response)
        return set_slots(EMPTY)

"""Request an account from the school, in the temporary way that the district has (R113-R130)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.account_refusals import lead_back, tell_refusal
from actions.answers import (
    ask_what_is_wrong,
    confirm_anew,
    take_email,
    take_first_name,
    take_last_name,
    take_question,
)
from actions.base import Event, PortalAction, part, set_slots
from actions.new_password import new_password_rules
from actions.places import facts
from actions.recovery import promise
from actions.sign_in import secret_request
from actions.steps import OUTCOME, Answers, Check, StepForm
from portal.core.folding import fold
from portal.core.outcomes import Violation
from portal.dialogue.outcomes import Purpose

FORM = "request_account_form"
QUESTION = "security_question"
OWN = ("first_name", "last_name", "email", QUESTION)
ANSWERS = (*OWN, "district_confirmed", "other_district", "confirmed", "correcting", OUTCOME)
# The questions that are offered; a parent may also write another.
QUESTIONS = ("pet", "street", "teacher", "food")
# Set in the place of a question where the district asks for none.
NO_QUESTION = "-"


def take_district(value: Any, answers: Answers) -> None:
    """Take a yes, a no, or the name of the district itself.

    "No middle name" is a no to something else: a no of several words is none to the district.
    """
    if value is False and len(answers.text.split()) > 1:
        answers.slots["district_confirmed"] = None
        answers.refused = True
        answers.said.append(part("utter_district_unclear"))
    elif isinstance(value, str):
        named = _names(fold(value), fold(answers.district))
        answers.slots["district_confirmed"] = True if named else None
        if not named:
            answers.refuse("district_confirmed", Violation("wrong_district"))


def _names(said: str, district: str) -> bool:
    # "It's Boston" names it as well: the first word of a district is its own.
    ends_alike = said.split()[-1:] == district.split()[:1]
    return bool(said) and (said in district or district in said or ends_alike)


def take_other_district(value: Any, answers: Answers) -> None:
    """Take what is to become of the request: given up, or gone on with for this district."""
    answers.slots["other_district"] = value or None
    if not value:
        answers.slots["district_confirmed"] = True


class ValidateRequestAccount(StepForm):
    """Take what the request asks for; every optional field is skipped (R122)."""

    form = FORM
    for_strangers = True
    checks: Mapping[str, Check] = {
        "first_name": take_first_name,
        "last_name": take_last_name,
        "district_confirmed": take_district,
        "other_district": take_other_district,
        "email": take_email,
        QUESTION: take_question,
        OUTCOME: lead_back,
    }

    def steps(self, slots: Mapping[str, Any]) -> Iterator[str]:
        """Ask in the order of the procedure: names, district, e-mail, question."""
        yield from ("first_name", "last_name")
        if slots.get("district_confirmed") is False:
            # Asked before everything that was told is thrown away.
            yield "other_district"
            return
        yield from ("district_confirmed", "email", QUESTION, "confirmed", OUTCOME)

    def settle(self, answers: Answers) -> None:
        """Show what was changed after it was found right; ask what is not right."""
        confirm_anew(answers, OWN)
        ask_what_is_wrong(answers)


class AskDistrict(PortalAction):
    """Ask whether the district is the one of the parent's choice (R123)."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_request_account_form_district_confirmed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer the one district that can be asked here."""
        district = await self.district(tracker)
        dispatcher.utter_message(response="utter_ask_district_confirmed", **facts(district))
        return []


class AskOtherDistrict(PortalAction):
    """Ask whether the request is to be given up, now that it cannot be for another district."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_request_account_form_other_district"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say which district it is about."""
        district = await self.district(tracker)
        dispatcher.utter_message(response="utter_ask_other_district", **facts(district))
        return []


class AskSecurityQuestion(PortalAction):
    """Ask for the security question; its answer is asked for in a masked field only (R126)."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_request_account_form_security_question"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer some questions beside the parent's own."""
        buttons = [{"title": part(f"utter_question_{key}"), "payload": ""} for key in QUESTIONS]
        dispatcher.utter_message(response="utter_ask_security_question", buttons=buttons)
        return []


class AskRequestConfirmed(PortalAction):
    """Show in short what was told, to be found right or corrected."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_request_account_form_confirmed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Use the labels of the request; what is not right is asked for without it."""
        if tracker.get_slot("correcting"):
            dispatcher.utter_message(response="utter_what_to_correct", buttons=_corrections(tracker.slots))
            return []
        question = tracker.get_slot(QUESTION)
        line = part("utter_question_line", question=question) if question != NO_QUESTION else ""
        dispatcher.utter_message(
            response="utter_request_account_summary",
            first_name=tracker.get_slot("first_name"),
            last_name=tracker.get_slot("last_name"),
            email=tracker.get_slot("email"),
            question_line=line,
            **facts(await self.district(tracker)),
        )
        return []


class AskRequestSecret(PortalAction):
    """Open the masked fields, with the requirements above them (R125, R126)."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_request_account_form_secret_outcome"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Ask for the password twice and, where the district has a question, for its answer."""
        district = await self.district(tracker)
        asks_question = district.options.security_question
        question = tracker.get_slot(QUESTION) if asks_question else ""
        context = {
            "district": district.slug,
            "language": tracker.get_slot("language") or "en",
            "first_name": tracker.get_slot("first_name"),
            "last_name": tracker.get_slot("last_name"),
            "email": tracker.get_slot("email"),
            "question": question,
        }
        fields = ["new_password", "new_password_again", *(["security_answer"] if asks_question else [])]
        ticket = await self.ask(
            lambda tx: tx.dialogue.open_ticket(tracker.sender_id, Purpose.REQUEST_ACCOUNT, context, fields)
        )
        dispatcher.utter_message(
            response="utter_ask_request_secrets",
            rules=new_password_rules(district.options),
            answer=part("utter_answer_to", question=question) if asks_question else "",
            secret=secret_request(ticket),
        )
        return []


class SettleRequestAccount(PortalAction):
    """Say that the request is processed: the same for everybody, whatever is on record."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_request_account"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Tell what comes next: the mail, its confirmation, the school."""
        outcome: Mapping[str, Any] = tracker.get_slot(OUTCOME) or {}
        district = await self.district(tracker)
        forgotten = set_slots(dict.fromkeys(ANSWERS))
        if tracker.get_slot("district_confirmed") is False:
            dispatcher.utter_message(response="utter_other_district", **facts(district))
            return forgotten
        if outcome.get("outcome") != "account_requested":
            return await tell_refusal(self, dispatcher, tracker, "get_account")
        dispatcher.utter_message(
            response="utter_account_requested", email=tracker.get_slot("email"), **facts(district)
        )
        return [*forgotten, promise("request_account", tracker.get_slot("email") or "")]


def _corrections(slots: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts = ["name", "email"] + (["question"] if slots.get(QUESTION) != NO_QUESTION else [])
    return [
        {
            "title": part(f"utter_button_correct_{each}"),
            "payload": f"/get_account{json.dumps({'correct': each})}",
        }
        for each in parts
    ]

"""Open an account with the Access IDs of the children: step by step, then one masked field set."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.account_refusals import lead_back, tell_refusal
from actions.answers import (
    access_fields,
    add_child,
    ask_what_is_wrong,
    child_lines,
    confirm_anew,
    is_adding,
    suggested_username,
    take_access_id,
    take_email,
    take_first_name,
    take_last_name,
    take_more_children,
    take_relationship,
    take_username,
)
from actions.base import Event, PortalAction, is_filling_in, offer, part, set_slots
from actions.new_password import new_password_rules
from actions.places import facts
from actions.sign_in import secret_request
from actions.steps import OUTCOME, Answers, Check, StepForm
from portal.accounts.relationships import RELATIONSHIPS
from portal.dialogue.outcomes import Purpose

FORM = "open_account_form"
OWN = ("first_name", "last_name", "email", "desired_username")
CHILD = ("access_id", "relationship")
# What a new account holds until it is opened; nothing of it stays in the conversation.
ANSWERS = (*OWN, *CHILD, "children", "more_children", "confirmed", "correcting", "suggestions", OUTCOME)


class ValidateOpenAccount(StepForm):
    """Take what the page "Create Parent Account" asks for (R54, R58)."""

    form = FORM
    for_strangers = True
    checks: Mapping[str, Check] = {
        "first_name": take_first_name,
        "last_name": take_last_name,
        "email": take_email,
        "desired_username": take_username,
        "access_id": take_access_id,
        "relationship": take_relationship,
        "more_children": take_more_children,
        OUTCOME: lead_back,
    }

    def steps(self, slots: Mapping[str, Any]) -> Iterator[str]:
        """Ask for the parent, then for the children one after the other (R50)."""
        yield from OWN
        if is_adding(slots):
            yield from CHILD
        yield from ("more_children", "confirmed", OUTCOME)

    def settle(self, answers: Answers) -> None:
        """Put a complete child with the others; show what was changed after it was found right."""
        add_child(answers)
        confirm_anew(answers, (*OWN, *CHILD))
        ask_what_is_wrong(answers)


class AskDesiredUsername(PortalAction):
    """Ask for the desired username, with a suggestion made of the names."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_open_account_form_desired_username"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer what the portal found free, else what the names make."""
        first, last = tracker.get_slot("first_name") or "", tracker.get_slot("last_name") or ""
        free = tracker.get_slot("suggestions") or [suggested_username(first, last)]
        buttons = [
            {"title": name, "payload": f"/get_account{json.dumps({'username': name})}"}
            for name in free
            if name
        ]
        dispatcher.utter_message(response="utter_ask_desired_username", buttons=buttons)
        # One suggestion alone can be taken with a yes.
        return [offer(FORM, {"desired_username": buttons[0]["title"]})] if len(buttons) == 1 else []


class AskAccessId(PortalAction):
    """Ask for an Access ID, of the first child or of the next."""

    def name(self) -> str:
        """Name the action that the forms call for this slot."""
        return "action_ask_access_id"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say once that only the Access ID belongs into the chat."""
        first = "utter_ask_first_access_id" if is_filling_in(tracker, FORM) else "utter_ask_link_access_id"
        has_others = bool(tracker.get_slot("children"))
        dispatcher.utter_message(response="utter_ask_next_access_id" if has_others else first)
        return []


class AskRelationship(PortalAction):
    """Ask how the parent is related to the child, with the portal's menu as buttons (R62)."""

    def name(self) -> str:
        """Name the action that the forms call for this slot."""
        return "action_ask_relationship"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer each relationship."""
        about = "get_account" if is_filling_in(tracker, FORM) else "link_student"
        buttons = [
            {
                "title": part(f"utter_relationship_{key}"),
                "payload": f"/{about}{json.dumps({'relationship': key})}",
            }
            for key in RELATIONSHIPS
        ]
        dispatcher.utter_message(response="utter_ask_relationship", buttons=buttons)
        return []


class AskOpenAccountConfirmed(PortalAction):
    """Show in short what was told, to be found right or corrected."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_open_account_form_confirmed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Use the labels of the portal's page; what is not right is asked for without it."""
        if tracker.get_slot("correcting"):
            dispatcher.utter_message(response="utter_what_to_correct", buttons=_corrections(tracker.slots))
            return []
        values = {name: tracker.get_slot(name) for name in OWN}
        lines = child_lines(tracker.get_slot("children") or [])
        dispatcher.utter_message(response="utter_open_account_summary", children_lines=lines, **values)
        return []


class AskOpenAccountSecret(PortalAction):
    """Open the masked fields, with the requirements above them (R57)."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_open_account_form_secret_outcome"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Ask for the password twice and for each child's access password."""
        district = await self.district(tracker)
        children = tracker.get_slot("children") or []
        context = {
            "district": district.slug,
            "language": tracker.get_slot("language") or "en",
            "first_name": tracker.get_slot("first_name"),
            "last_name": tracker.get_slot("last_name"),
            "email": tracker.get_slot("email"),
            "username": tracker.get_slot("desired_username"),
            "students": children,
        }
        fields = ["new_password", "new_password_again", *access_fields(children)]
        ticket = await self.ask(
            lambda tx: tx.dialogue.open_ticket(tracker.sender_id, Purpose.OPEN_ACCOUNT, context, fields)
        )
        dispatcher.utter_message(
            response="utter_ask_account_secrets",
            rules=new_password_rules(district.options),
            children_lines=child_lines(children),
            secret=secret_request(ticket),
        )
        return []


class SettleOpenAccount(PortalAction):
    """Say that the account is open, or what stopped it."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_open_account"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Lead to the sign-in: the new account is not signed in by itself (R63)."""
        outcome: Mapping[str, Any] = tracker.get_slot(OUTCOME) or {}
        if outcome.get("outcome") != "account_opened":
            return await tell_refusal(self, dispatcher, tracker, "get_account")
        username = outcome.get("username")
        dispatcher.utter_message(
            response="utter_account_opened",
            username=username,
            students=list(outcome.get("students") or ()),
            email=tracker.get_slot("email"),
            **facts(await self.district(tracker)),
        )
        forgotten = set_slots(dict.fromkeys((*ANSWERS, *_brought(tracker))))
        return [*forgotten, SlotSet("username", username), FollowupAction("sign_in_form")]


def _brought(tracker: Tracker) -> tuple[str, ...]:
    """Name the slot of the letter whose child is linked with the account; else it is linked next."""
    wanted = (tracker.get_slot("letter") or {}).get("access_id")
    told = {child["access_id"] for child in tracker.get_slot("children") or ()}
    return ("letter",) if wanted in told else ()


def _corrections(slots: Mapping[str, Any]) -> list[dict[str, Any]]:
    payloads = {
        "utter_button_correct_name": {"correct": "name"},
        "utter_button_correct_email": {"correct": "email"},
        "utter_button_correct_username": {"correct": "username"},
    }
    buttons = [_button({"response": title}, about) for title, about in payloads.items()]
    for row, child in enumerate(slots.get("children") or (), 1):
        title = {"response": "utter_button_correct_child", "access_id": child["access_id"]}
        buttons.append(_button(title, {"correct": f"child_{row}"}))
    return [*buttons, _button({"response": "utter_button_add_child"}, {"correct": "children"})]


def _button(title: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    return {"title": title, "payload": f"/get_account{json.dumps(about)}"}

"""Change a password through three masked fields, told beforehand what the new one must be."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import (
    Event,
    PortalAction,
    Words,
    part,
    start_form,
    start_sign_in,
    wants_steps,
)
from actions.places import facts
from actions.sessions import ask_to_sign_in
from actions.sign_in import continue_signed_in, refusal_words, secret_request
from portal.accounts.outcomes import LiveSession
from portal.core.districts import District
from portal.core.options import DistrictOptions
from portal.core.outcomes import Reason
from portal.dialogue.outcomes import Purpose

FIELDS = ("current_password", "new_password", "new_password_again")


def password_rules(options: DistrictOptions) -> Words:
    """Return the rules that are on in this district, as its own values (R20)."""
    rules = options.password
    switched = {
        "upper_and_lower": rules.upper_and_lower,
        "letter_and_number": rules.letter_and_number,
        "special": rules.special,
        "blocklist": True,
    }
    lines = [part("utter_password_rule_min_length", number=rules.min_length)]
    lines += [part(f"utter_password_rule_{key}") for key, on in switched.items() if on]
    if rules.history:
        lines.append(part("utter_password_rule_history", number=rules.history))
    return part("utter_password_rules", lines=lines)


class BeginChangePassword(PortalAction):
    """Start to change the password, or tell the steps on the portal."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_begin_change_password"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Ask for nothing before it is clear who is signed in."""
        district = await self.district(tracker)
        if not district.options.parent_single_sign_on:
            dispatcher.utter_message(response="utter_change_password_off", **facts(district))
            return [SlotSet("resume", None)]
        if wants_steps(tracker):
            return self._tell_steps(dispatcher, district)
        live = await self.ask(lambda tx: tx.sessions.current(tracker.sender_id))
        if isinstance(live, LiveSession) or live.reason is Reason.MUST_CHANGE_PASSWORD:
            return [SlotSet("resume", None), *start_form("change_password_form")]
        resume = {"action": self.name(), "slots": {}}
        return ask_to_sign_in(dispatcher, tracker, district, live, resume)

    def _tell_steps(self, dispatcher: CollectingDispatcher, district: District) -> list[Event]:
        rules = password_rules(district.options)
        dispatcher.utter_message(response="utter_how_to_change_password", rules=rules, **facts(district))
        return []


class AskNewPassword(PortalAction):
    """Open the three masked fields, with the district's rules above them."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_change_password_form_secret_outcome"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """List the requirements before asking."""
        district = await self.district(tracker)
        context = {"district": district.slug}
        fields = list(FIELDS)
        ticket = await self.ask(
            lambda tx: tx.dialogue.open_ticket(tracker.sender_id, Purpose.CHANGE_PASSWORD, context, fields)
        )
        dispatcher.utter_message(
            response="utter_ask_new_password",
            rules=password_rules(district.options),
            secret=secret_request(ticket),
        )
        return []


class ValidateChangePasswordForm(FormValidationAction):
    """Take a change that was made; say what is wrong with any other and ask again."""

    def name(self) -> str:
        """Name the action that checks the form's answers."""
        return "validate_change_password_form"

    def validate_secret_outcome(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Say every broken rule in the portal's own sentences; the fields then open anew."""
        outcome: Mapping[str, Any] = value or {}
        if outcome.get("reason") != Reason.PASSWORD_REFUSED:
            return {"secret_outcome": value}
        lines = [
            part(f"utter_violation_{each['key']}", number=each.get("number"))
            for each in outcome.get("violations") or []
        ]
        dispatcher.utter_message(response="utter_password_refused", lines=lines)
        return {"secret_outcome": None}


class SettleChangePassword(PortalAction):
    """Say that the password is changed, or what stopped it."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_change_password"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Go on to what was asked before, or sign in anew where the district wants that."""
        outcome: Mapping[str, Any] = tracker.get_slot("secret_outcome") or {}
        if outcome.get("outcome") == "password_changed":
            return self._go_on(dispatcher, tracker, signed_in=bool(outcome.get("signed_in", True)))
        return await self._refuse(dispatcher, tracker, outcome)

    def _go_on(self, dispatcher: CollectingDispatcher, tracker: Tracker, *, signed_in: bool) -> list[Event]:
        if signed_in:
            dispatcher.utter_message(response="utter_password_changed")
            return continue_signed_in(dispatcher, tracker)
        dispatcher.utter_message(response="utter_password_changed_sign_in")
        return start_sign_in(tracker)

    async def _refuse(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, outcome: Mapping[str, Any]
    ) -> list[Event]:
        district = await self.district(tracker)
        live = await self.ask(lambda tx: tx.sessions.any_scope(tracker.sender_id))
        if not isinstance(live, LiveSession):
            resume = {"action": "action_begin_change_password", "slots": {}}
            return ask_to_sign_in(dispatcher, tracker, district, live, resume)
        dispatcher.utter_message(**refusal_words(outcome), **facts(district))
        return [SlotSet("secret_outcome", None)]

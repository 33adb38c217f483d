"""Sign a parent in: the username here, the password only through a masked field."""

import re
from collections.abc import Mapping
from typing import Any, cast

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.also_asked import also_asked
from actions.base import (
    Event,
    PortalAction,
    Words,
    entity,
    forget_family,
    offer_to_type,
    part,
    start_form,
    wants_steps,
)
from actions.places import facts
from portal.accounts.outcomes import LiveSession
from portal.core.districts import District
from portal.core.outcomes import Reason
from portal.dialogue.outcomes import Purpose, Ticket

# Longer than any username; more is a text that somebody pasted by mistake.
LONGEST_USERNAME = 128
WITHOUT_SPACES = re.compile("[\u3400-\u9fff]")


class BeginSignIn(PortalAction):
    """Start to sign in, or tell the steps on the portal."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_begin_sign_in"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Ask for the username at once, unless somebody is signed in or wants only the steps."""
        if wants_steps(tracker) and not entity(tracker, "username"):
            return self._tell_steps(dispatcher, await self.district(tracker))
        live = await self.ask(lambda tx: tx.sessions.current(tracker.sender_id))
        match live:
            case LiveSession():
                dispatcher.utter_message(
                    response="utter_already_signed_in", name=live.display_name, private=True
                )
                return []
            case _ if live.reason is Reason.MUST_CHANGE_PASSWORD:
                return start_form("change_password_form")
            case _:
                known = SlotSet("username", _known_username(tracker))
                return [known, *also_asked(tracker), *start_form("sign_in_form")]

    def _tell_steps(self, dispatcher: CollectingDispatcher, district: District) -> list[Event]:
        known = district.options.parent_single_sign_on
        trouble = part("utter_step_having_trouble" if known else "utter_step_trouble_contact")
        dispatcher.utter_message(response="utter_how_to_sign_in", trouble=trouble, **facts(district))
        return []


def _known_username(tracker: Tracker) -> str | None:
    # "Try again" means the same name once more; to sign in anew means to ask for it.
    if entity(tracker, "again"):
        return cast("str | None", tracker.get_slot("username"))
    return cast("str | None", entity(tracker, "username"))


class AskUsername(PortalAction):
    """Ask for the username, with the district's other languages beside it."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_sign_in_form_username"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer a language, never ask for it first."""
        district = await self.district(tracker)
        spoken = tracker.get_slot("language") or "en"
        buttons = [
            {"title": {"language": code}, "payload": f'/change_language{{"language": "{code}"}}'}
            for code in district.options.locales
            if code != spoken
        ]
        dispatcher.utter_message(response="utter_ask_sign_in_form_username", buttons=buttons)
        return []


class AskPassword(PortalAction):
    """Open a masked field for the password, whoever it is and whether or not the name is locked."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return "action_ask_sign_in_form_secret_outcome"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Open the ticket before the field is shown, so that it can be redeemed at once."""
        username = tracker.get_slot("username") or ""
        context = {"district": tracker.get_slot("district") or "", "username": username}
        fields = ["password"]
        ticket = await self.ask(
            lambda tx: tx.dialogue.open_ticket(tracker.sender_id, Purpose.SIGN_IN, context, fields)
        )
        dispatcher.utter_message(
            response="utter_ask_password", username=username, secret=secret_request(ticket)
        )
        return []


def secret_request(ticket: Ticket) -> dict[str, Any]:
    """Return what the engine turns into a masked way in."""
    return {"purpose": ticket.purpose.value, "ticket": ticket.token, "fields": list(ticket.fields)}


class ValidateSignInForm(FormValidationAction):
    """Take one word as a username; whether it exists, nobody learns here."""

    def name(self) -> str:
        """Name the action that checks the form's answers."""
        return "validate_sign_in_form"

    def validate_username(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Ask again for what cannot be a username, like a sentence."""
        username = username_typed(str(value or ""))
        if username is None:
            dispatcher.utter_message(response="utter_username_unclear")
        return {"username": username}

    def validate_secret_outcome(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Take the outcome as it came from the portal."""
        return {"secret_outcome": value}


def username_typed(typed: str) -> str | None:
    """Return the one word that can be a username, or None for anything else."""
    words = typed.split()
    # Chinese puts no spaces between its words: what looks like one is a sentence.
    is_one = len(words) == 1 and not WITHOUT_SPACES.search(typed)
    return words[0] if is_one and len(words[0]) <= LONGEST_USERNAME else None


class SettleSignIn(PortalAction):
    """Answer how the masked field ended."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_sign_in"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Welcome, ask for a new password, or say why not and what now."""
        outcome: Mapping[str, Any] = tracker.get_slot("secret_outcome") or {}
        match outcome.get("outcome"):
            case "signed_in":
                return await self._welcome(dispatcher, tracker)
            case "must_change_password":
                return await self._ask_for_change(dispatcher, tracker, outcome)
            case _:
                return await self._refuse(dispatcher, tracker, outcome)

    async def _welcome(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        live = await self.ask(lambda tx: tx.sessions.current(tracker.sender_id))
        if not isinstance(live, LiveSession):
            return continue_signed_in(dispatcher, tracker)
        greet_signed_in(dispatcher, live)
        if live.is_exposed:
            dispatcher.utter_message(response="utter_password_exposed")
        if live.offers_restore and not _has_begun(tracker):
            return [*forget_family(), FollowupAction("action_offer_restore")]
        return continue_signed_in(dispatcher, tracker)

    async def _ask_for_change(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, outcome: Mapping[str, Any]
    ) -> list[Event]:
        district = await self.district(tracker)
        if not district.options.parent_single_sign_on:
            dispatcher.utter_message(response="utter_change_password_off", **facts(district))
            return forget_family()
        dispatcher.utter_message(response=f"utter_must_change_{outcome.get('cause', 'expired')}")
        return start_form("change_password_form")

    async def _refuse(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, outcome: Mapping[str, Any]
    ) -> list[Event]:
        district = await self.district(tracker)
        words = refusal_words(outcome)
        dispatcher.utter_message(**words, **facts(district))
        if outcome.get("reason") != Reason.BAD_CREDENTIALS:
            return [SlotSet("secret_outcome", None)]
        again = offer_to_type("sign_in_form", "username", "action_begin_sign_in")
        return [SlotSet("secret_outcome", None), again]


def refusal_words(outcome: Mapping[str, Any]) -> Words:
    """Return the words for a refused password; whoever it is, a wrong one gets the same."""
    response = _REFUSALS.get(outcome.get("reason", ""), "utter_secret_unreadable")
    at = outcome.get("retry_at")
    if response == "utter_throttled" and not at:
        return part("utter_throttled_soon")
    return part(response, at={"datetime": at})


_REFUSALS = {
    Reason.BAD_CREDENTIALS: "utter_sign_in_failed",
    Reason.LOCKED_CONTACT_SCHOOL: "utter_locked_contact_school",
    Reason.LOCKED_WAIT: "utter_locked_wait",
    Reason.PASSWORD_DISABLED: "utter_password_disabled",
    Reason.THROTTLED: "utter_throttled",
    Reason.BUSY: "utter_busy",
    Reason.NOT_IN_PILOT: "utter_not_in_pilot",
    Reason.TICKET_VOID: "utter_ticket_void",
}


def _has_begun(tracker: Tracker) -> bool:
    """Tell whether signing in is on the way to something, which comes before any page of last time."""
    return bool((tracker.get_slot("resume") or {}).get("action") or tracker.get_slot("letter"))


def greet_signed_in(dispatcher: CollectingDispatcher, live: LiveSession) -> None:
    """Say whose session it is and, to spot unusual activity, when the last one began."""
    if live.previous_sign_in is None:
        dispatcher.utter_message(response="utter_welcome", name=live.display_name, private=True)
        return
    at = {"datetime": live.previous_sign_in.isoformat()}
    dispatcher.utter_message(response="utter_welcome_back", name=live.display_name, at=at, private=True)


def continue_signed_in(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
    """Go on with what signing in interrupted: a question, or the letter that brought the parent here."""
    resume = tracker.get_slot("resume") or {}
    kept = [event for event in forget_family() if event["name"] != "resume"]
    if resume.get("action"):
        return [*kept, FollowupAction(resume["action"])]
    if tracker.get_slot("letter"):
        return [*kept, FollowupAction("action_link_letter")]
    dispatcher.utter_message(response="utter_what_now")
    return kept

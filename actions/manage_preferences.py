"""Show a parent their own settings, and change them one at a time."""

from collections.abc import Iterator, Mapping
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.account_refusals import lead_back
from actions.answers import take_email, take_first_name, take_last_name, take_username
from actions.base import Event, PortalAction, entity, part, set_slots, wants_steps
from actions.places import facts
from actions.sessions import ask_to_sign_in, needs_session
from actions.sign_in import refusal_words, secret_request
from actions.steps import OUTCOME, Check, StepForm
from portal.accounts.outcomes import PreferencesShown
from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.dialogue.outcomes import Purpose
from portal.transaction import Transaction

# The form of each setting that a parent changes here, and what it asks for.
FORMS = {
    "name": ("change_name_form", ("first_name", "last_name")),
    "email": ("change_email_form", ("email", OUTCOME)),
    "username": ("change_username_form", ("desired_username", OUTCOME)),
}
# What is the school's to change.
BY_SCHOOL = frozenset({"phone", "address"})


class ManagePreferences(PortalAction):
    """Show the settings, or begin to change the one that was named."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_manage_preferences"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Show them to nobody but the one who is signed in."""
        setting = entity(tracker, "setting") or _resumed(tracker, self.name())
        district, shown = await self.ask_here(
            tracker, lambda tx: _looked_at(tx, tracker.sender_id, setting, entity(tracker, "language"))
        )
        if wants_steps(tracker) or setting in BY_SCHOOL:
            return self._tell(dispatcher, district, setting)
        if isinstance(shown, Refused):
            if not needs_session(shown):
                return self._tell(dispatcher, district, setting)
            resume = {"action": self.name(), "slots": {"setting": setting}}
            dispatcher.utter_message(response="utter_preferences_here")
            return ask_to_sign_in(dispatcher, tracker, district, shown, resume)
        return [SlotSet("resume", None), *self._begin(dispatcher, tracker, shown, district, setting)]

    def _tell(self, dispatcher: CollectingDispatcher, district: District, setting: str | None) -> list[Event]:
        response = "utter_setting_by_school" if setting in BY_SCHOOL else "utter_how_to_manage_preferences"
        dispatcher.utter_message(response=response, **facts(district))
        return [SlotSet("resume", None)]

    def _begin(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        shown: PreferencesShown,
        district: District,
        setting: str | None,
    ) -> list[Event]:
        match setting:
            case "name" | "email" | "username":
                form, slots = FORMS[setting]
                return [*set_slots(dict.fromkeys(slots)), FollowupAction(form)]
            case "password":
                return [FollowupAction("action_begin_change_password")]
            case "language" if entity(tracker, "language"):
                code = entity(tracker, "language")
                dispatcher.utter_message(
                    response="utter_mail_language", language_name={"language": str(code)}
                )
                return [FollowupAction("action_change_language")]
            case "language":
                self._offer_languages(dispatcher, district)
            case _:
                show(dispatcher, shown, district)
        return []

    def _offer_languages(self, dispatcher: CollectingDispatcher, district: District) -> None:
        buttons = [
            {
                "title": {"language": code},
                "payload": f'/manage_preferences{{"setting": "language", "language": "{code}"}}',
            }
            for code in district.options.locales
        ]
        dispatcher.utter_message(response="utter_choose_mail_language", buttons=buttons)


def show(dispatcher: CollectingDispatcher, shown: PreferencesShown, district: District) -> None:
    """List the settings with a button to change each."""
    email = part("utter_email_none") if shown.email is None else shown.email
    state = "confirmed" if shown.email_confirmed else "unconfirmed"
    pending = part("utter_email_pending", pending=shown.pending_email) if shown.pending_email else ""
    buttons = (
        [
            {
                "title": part("utter_button_keep_email"),
                "payload": '/manage_preferences{"setting": "kept_email"}',
            }
        ]
        if shown.pending_email
        else []
    )
    dispatcher.utter_message(
        response="utter_preferences",
        name=shown.display_name,
        username=shown.username,
        email=email,
        state=part(f"utter_email_{state}") if shown.email else "",
        pending=pending,
        # Whoever chose none is written to in the district's first language.
        language_name={"called": shown.language or district.options.locales[0]},
        buttons=buttons,
        private=True,
    )


class ValidateChangeName(StepForm):
    """Take the name that a parent wants to be greeted with."""

    form = "change_name_form"
    checks: Mapping[str, Check] = {"first_name": take_first_name, "last_name": take_last_name}

    def steps(self, slots: Mapping[str, Any]) -> Iterator[str]:
        """Ask for both names."""
        yield from ("first_name", "last_name")


class ValidateChangeEmail(StepForm):
    """Take the new address, then the password."""

    form = "change_email_form"
    checks: Mapping[str, Check] = {"email": take_email, OUTCOME: lead_back}

    def steps(self, slots: Mapping[str, Any]) -> Iterator[str]:
        """Ask for the password last."""
        yield from ("email", OUTCOME)


class ValidateChangeUsername(StepForm):
    """Take the new username, then the password."""

    form = "change_username_form"
    checks: Mapping[str, Check] = {"desired_username": take_username, OUTCOME: lead_back}

    def steps(self, slots: Mapping[str, Any]) -> Iterator[str]:
        """Ask for the password last."""
        yield from ("desired_username", OUTCOME)


class SettleChangeName(PortalAction):
    """Change the name, and show the settings as they are now."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_change_name"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Leave the name in the school's records alone."""
        first, last = tracker.get_slot("first_name") or "", tracker.get_slot("last_name") or ""
        district, shown = await self.ask_here(
            tracker, lambda tx: tx.preferences.change_name(tracker.sender_id, first, last)
        )
        forgotten = set_slots({"first_name": None, "last_name": None})
        if isinstance(shown, Refused):
            resume = {"action": "action_manage_preferences", "slots": {"setting": "name"}}
            return [*forgotten, *ask_to_sign_in(dispatcher, tracker, district, shown, resume)]
        dispatcher.utter_message(response="utter_name_changed", name=shown.display_name, private=True)
        return forgotten


class AskSettingSecret(PortalAction):
    """Open a masked field for the password that a change of address or username needs."""

    purpose: Purpose
    # What the ticket is opened for: the field of the portal and the slot that holds it.
    field: str
    slot: str

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return f"action_ask_{self.purpose.value}_form_secret_outcome"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say why the password is asked for again."""
        value = tracker.get_slot(self.slot) or ""
        ticket = await self.ask(
            lambda tx: tx.dialogue.open_ticket(
                tracker.sender_id, self.purpose, {self.field: value}, ["password"]
            )
        )
        dispatcher.utter_message(
            response=f"utter_ask_password_{self.purpose.value}", value=value, secret=secret_request(ticket)
        )
        return []


class AskChangeEmailSecret(AskSettingSecret):
    """Ask for the password before the address changes."""

    purpose, field, slot = Purpose.CHANGE_EMAIL, "email", "email"


class AskChangeUsernameSecret(AskSettingSecret):
    """Ask for the password before the username changes."""

    purpose, field, slot = Purpose.CHANGE_USERNAME, "username", "desired_username"


class SettleSetting(PortalAction):
    """Say that an address or a username is changed, or what stopped it."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_setting"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Tell both what is done and what the parent has yet to do."""
        outcome: Mapping[str, Any] = tracker.get_slot(OUTCOME) or {}
        district = await self.district(tracker)
        forgotten = set_slots(dict.fromkeys(("email", "desired_username", OUTCOME)))
        match outcome.get("outcome"):
            case "username_changed":
                dispatcher.utter_message(
                    response="utter_username_changed", username=outcome["username"], private=True
                )
                return forgotten
            case "email_change_asked":
                dispatcher.utter_message(
                    response="utter_email_change_asked", email=outcome["email"], private=True
                )
                return forgotten
            case _:
                return await self._refuse(dispatcher, tracker, district, outcome)

    async def _refuse(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        district: District,
        outcome: Mapping[str, Any],
    ) -> list[Event]:
        setting = "email" if tracker.get_slot("email") else "username"
        live = await self.ask(lambda tx: tx.sessions.current(tracker.sender_id))
        if isinstance(live, Refused):
            resume = {"action": "action_manage_preferences", "slots": {"setting": setting}}
            return ask_to_sign_in(dispatcher, tracker, district, live, resume)
        if outcome.get("reason") == "bad_credentials":
            dispatcher.utter_message(response="utter_password_wrong")
            return [SlotSet(OUTCOME, None), FollowupAction(FORMS[setting][0])]
        dispatcher.utter_message(**refusal_words(outcome), **facts(district))
        return [SlotSet(OUTCOME, None)]


def _looked_at(
    tx: Transaction, conversation: str, setting: str | None, language: str | None
) -> PreferencesShown | Refused:
    if setting == "language" and language is not None:
        return tx.preferences.change_language(conversation, language)
    if setting == "kept_email":
        return tx.preferences.cancel_email_change(conversation)
    return tx.preferences.show(conversation)


def _resumed(tracker: Tracker, action: str) -> str | None:
    resume = tracker.get_slot("resume") or {}
    setting: str | None = (resume.get("slots") or {}).get("setting")
    return setting if resume.get("action") == action else None

"""Let a parent back in by mail: the password, the username, or the address itself."""

from abc import abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.addresses import find_address, without_address
from actions.base import (
    Event,
    PortalAction,
    Words,
    asker,
    entity,
    is_filling_in,
    leave_ways_in,
    offer,
    part,
    wants_steps,
)
from actions.places import facts
from actions.sign_in import username_typed
from actions.steps import REQUESTED, Answers, StepForm
from portal.accounts.outcomes import (
    MailAsked,
    PreferencesShown,
    RecoverPassword,
    RecoverUsername,
    ResendConfirmation,
)
from portal.core.options import AccountOpening, DistrictOptions
from portal.core.outcomes import Refused, Violation
from portal.transaction import Transaction

Asked = MailAsked | Refused
# The promised mails with which an address is confirmed.
CONFIRMING = frozenset({"confirm_email", "request_account"})


class BeginRecovery(PortalAction):
    """Begin to have a mail sent, or tell the steps on the portal; each flow says what it needs."""

    # The stem of the flow: it names the form and the words.
    stem: str

    def name(self) -> str:
        """Name the action in the rules."""
        return f"action_begin_{self.stem}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Promise nothing that the district has turned off."""
        district = await self.district(tracker)
        if not self.is_on(district.options):
            dispatcher.utter_message(response=f"utter_off_{self.stem}", **facts(district))
            return []
        if wants_steps(tracker) and not entity(tracker, "email"):
            minutes = {"number": district.options.recovery_minutes}
            steps = f"utter_how_to_{self.stem}"
            dispatcher.utter_message(response=steps, minutes=minutes, **facts(district))
            return []
        return self.begin(tracker)

    def is_on(self, options: DistrictOptions) -> bool:
        """Tell whether parents of this district may do it themselves (R36, R46)."""
        return options.parent_single_sign_on

    def begin(self, tracker: Tracker) -> list[Event]:
        """Start the form; signing in was given up, so it does not come back by itself."""
        typed = tracker.latest_message.get("text") or ""
        address = SlotSet("recovery_email", find_address(typed))
        return [*leave_ways_in(tracker), address, FollowupAction(f"{self.stem}_form")]


class BeginRecoverPassword(BeginRecovery):
    """Begin to have a link sent with which a forgotten password is replaced."""

    stem = "recover_password"

    def begin(self, tracker: Tracker) -> list[Event]:
        """Keep the name that was just tried; asked for once more, it is another one that is meant."""
        again = is_filling_in(tracker, "recover_password_form")
        typed = entity(tracker, "username")
        known = typed if again else typed or tracker.get_slot("username")
        return [SlotSet("username", known), *super().begin(tracker)]


class BeginRecoverUsername(BeginRecovery):
    """Begin to have the usernames of an address sent to it; whoever is signed in is told the own one."""

    stem = "recover_username"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Send no mail for what is on the parent's own settings."""
        shown = await self.ask(lambda tx: tx.preferences.show(tracker.sender_id))
        if isinstance(shown, Refused) or wants_steps(tracker) or entity(tracker, "email"):
            return await super().run(dispatcher, tracker, domain)
        dispatcher.utter_message(response="utter_own_username", username=shown.username, private=True)
        return []


class BeginConfirmEmail(BeginRecovery):
    """Begin to have the mail sent again with which an address is confirmed.

    Whoever is signed in hears how it stands, and has no address to type.
    """

    stem = "confirm_email"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Look at the settings first; another address that was typed is not theirs to tell about."""
        if wants_steps(tracker) or entity(tracker, "email"):
            return await super().run(dispatcher, tracker, domain)
        shown = await self.ask(lambda tx: tx.preferences.show(tracker.sender_id))
        if isinstance(shown, Refused):
            again = _promised_to(tracker) if entity(tracker, "again") else None
            return _send_again(again) if again else await super().run(dispatcher, tracker, domain)
        address = shown.pending_email or shown.email
        if address is None:
            return await super().run(dispatcher, tracker, domain)
        return self._tell(dispatcher, tracker, shown, address)

    def _tell(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, shown: PreferencesShown, address: str
    ) -> list[Event]:
        if shown.email_confirmed and shown.pending_email is None:
            dispatcher.utter_message(response="utter_email_is_confirmed", email=address, private=True)
            return []
        if entity(tracker, "again"):
            return _send_again(address)
        dispatcher.utter_message(response="utter_email_waits", email=address, private=True)
        return [offer("action_settle_confirm_email", {"recovery_email": address})]

    def is_on(self, options: DistrictOptions) -> bool:
        """Tell whether accounts are opened by parents here, so that addresses wait to be confirmed."""
        return options.parent_single_sign_on or options.account_opening is AccountOpening.REQUEST


def promise(mail: str, address: str) -> Event:
    """Return the event that keeps which mail was promised, for when it does not come."""
    return SlotSet("mail_promised", {"mail": mail, "address": address})


def _promised_to(tracker: Tracker) -> str | None:
    promised = tracker.get_slot("mail_promised") or {}
    address: str | None = promised.get("address")
    return address if promised.get("mail") in CONFIRMING else None


def _send_again(address: str) -> list[Event]:
    return [SlotSet("recovery_email", address), FollowupAction("action_settle_confirm_email")]


def check_username(value: Any, answers: Answers) -> None:
    """Take one word, alone or beside an address; whether it exists, nobody learns here."""
    typed = str(value or "")
    address = find_address(typed)
    # Where the address alone is typed it is the username, too: some districts have it so.
    rest = without_address(typed) if address else ""
    username = username_typed(rest or typed)
    answers.slots["username"] = username
    if username is None:
        answers.refused = True
        answers.said.append(part("utter_username_unclear"))
    elif rest:
        answers.slots["recovery_email"] = address


def check_address(value: Any, answers: Answers) -> None:
    """Take an address that mail can go to; whether it is on file, nobody learns here."""
    address = find_address(str(value or ""))
    answers.slots["recovery_email"] = address
    if address is None:
        answers.refuse("recovery_email", Violation("email_invalid"))
    elif answers.requested == "username" and "username" not in answers.given:
        # Both were typed where the username was asked for.
        answers.slots["username"] = username_typed(without_address(answers.text))


class ValidateRecoverPassword(StepForm):
    """Check the username and the address, in whichever order they come."""

    form = "recover_password_form"
    checks = MappingProxyType({"username": check_username, "recovery_email": check_address})

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Take the address for the username as well, in a district where accounts are requested by it."""
        events = await super().run(dispatcher, tracker, domain)
        decided = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        address = decided.get("recovery_email") or tracker.get_slot("recovery_email")
        if decided.get(REQUESTED) != "username" or not address:
            return events
        opening = (await self.district(tracker)).options.account_opening
        if opening is not AccountOpening.REQUEST:
            return events
        return [*events, SlotSet("username", address), SlotSet(REQUESTED, None)]

    def steps(self, slots: Mapping[str, Any]) -> tuple[str, ...]:
        """Ask for the name first: who has forgotten it goes another way."""
        return ("username", "recovery_email")


class ValidateRecoverUsername(StepForm):
    """Check the address that the username is sent to."""

    form = "recover_username_form"
    checks = MappingProxyType({"recovery_email": check_address})

    def steps(self, slots: Mapping[str, Any]) -> tuple[str, ...]:
        """Ask for the address alone."""
        return ("recovery_email",)


class ValidateConfirmEmail(ValidateRecoverUsername):
    """Check the address that waits to be confirmed."""

    form = "confirm_email_form"


class SettleRecovery(PortalAction):
    """Ask for the mail once everything is there; the answer is the same whoever asks (R41, R48)."""

    stem: str

    def name(self) -> str:
        """Name the action in the rules."""
        return f"action_settle_{self.stem}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say what is on its way, and what to do when nothing comes."""
        district, asked = await self.ask_here(tracker, lambda tx: self.request(tx, tracker))
        words = _refusal(asked) if isinstance(asked, Refused) else part(f"utter_{self.stem}_asked")
        words |= {"email": _typed(tracker), "minutes": {"number": district.options.recovery_minutes}}
        dispatcher.utter_message(**facts(district), **words)
        promised = [] if isinstance(asked, Refused) else [promise(self.stem, _typed(tracker))]
        return [SlotSet("recovery_email", None), *promised]

    @abstractmethod
    def request(self, tx: Transaction, tracker: Tracker) -> Asked:
        """Ask the portal for the mail."""


class SettleRecoverPassword(SettleRecovery):
    """Ask for the mail with the link to a new password (R33)."""

    stem = "recover_password"

    def request(self, tx: Transaction, tracker: Tracker) -> Asked:
        """Name both that must belong together."""
        username = tracker.get_slot("username") or ""
        return tx.recovery.ask_password(RecoverPassword(asker(tracker), username, _typed(tracker)))


class SettleRecoverUsername(SettleRecovery):
    """Ask for the mail with the usernames of an address (R45)."""

    stem = "recover_username"

    def request(self, tx: Transaction, tracker: Tracker) -> Asked:
        """Name the address."""
        return tx.recovery.ask_username(RecoverUsername(asker(tracker), _typed(tracker)))


class SettleConfirmEmail(SettleRecovery):
    """Ask for the mail with which an address is confirmed."""

    stem = "confirm_email"

    def request(self, tx: Transaction, tracker: Tracker) -> Asked:
        """Name the address."""
        return tx.recovery.ask_confirmation(ResendConfirmation(asker(tracker), _typed(tracker)))


def _typed(tracker: Tracker) -> str:
    return tracker.get_slot("recovery_email") or ""


def _refusal(refused: Refused) -> Words:
    # The same for everybody: what is on file never shows in it.
    if refused.retry_at is None:
        return part("utter_recovery_unreadable")
    return part("utter_recovery_throttled", at={"datetime": refused.retry_at.isoformat()})

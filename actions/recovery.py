"""Let a parent back in by mail: the password, the username, or the address itself."""

from abc import abstractmethod
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
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
    leave_form,
    part,
    wants_steps,
)
from actions.places import facts
from actions.sign_in import username_typed
from portal.accounts.outcomes import (
    MailAsked,
    RecoverPassword,
    RecoverUsername,
    ResendConfirmation,
)
from portal.core.options import AccountOpening, DistrictOptions
from portal.core.outcomes import Reason, Refused
from portal.transaction import Transaction

Asked = MailAsked | Refused


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
        return [*leave_form(tracker, "sign_in_form"), address, FollowupAction(f"{self.stem}_form")]


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
    """Begin to have the usernames of an address sent to it."""

    stem = "recover_username"


class BeginConfirmEmail(BeginRecovery):
    """Begin to have the mail sent again with which an address is confirmed."""

    stem = "confirm_email"

    def is_on(self, options: DistrictOptions) -> bool:
        """Tell whether accounts are opened by parents here, so that addresses wait to be confirmed."""
        return options.parent_single_sign_on or options.account_opening is AccountOpening.REQUEST


class ValidateAddress(FormValidationAction):
    """Take an e-mail address that mail can go to; whether it is on file, nobody learns here."""

    stem: str

    def name(self) -> str:
        """Name the action that checks the form's answers."""
        return f"validate_{self.stem}_form"

    def validate_recovery_email(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Ask again for what is no address."""
        address = find_address(str(value or ""))
        if address is None:
            dispatcher.utter_message(response="utter_address_unclear")
        return {"recovery_email": address}


class ValidateRecoverUsername(ValidateAddress):
    """Check the address that the username is sent to."""

    stem = "recover_username"


class ValidateConfirmEmail(ValidateAddress):
    """Check the address that waits to be confirmed."""

    stem = "confirm_email"


class ValidateRecoverPassword(ValidateAddress):
    """Check the username and the address, in whichever order they come."""

    stem = "recover_password"

    def validate_username(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Take one word, alone or beside an address; ask again for a sentence."""
        typed = str(value or "")
        address = find_address(typed)
        rest = without_address(typed) if address else typed
        # Where the address alone is typed it may be the username, too: some districts have it so.
        username = username_typed(rest or typed)
        if username is None:
            dispatcher.utter_message(response="utter_username_unclear")
        beside = {"recovery_email": address} if address and rest else {}
        return {"username": username, **beside}

    def validate_recovery_email(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Find the username beside an address that was typed where the username was asked for."""
        checked = super().validate_recovery_email(value, dispatcher, tracker, domain)
        if tracker.get_slot("requested_slot") != "username" or tracker.get_slot("username"):
            return checked
        rest = username_typed(without_address(tracker.latest_message.get("text") or ""))
        return {**checked, "username": rest} if rest else checked


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
        values = {
            "email": tracker.get_slot("recovery_email"),
            "minutes": {"number": district.options.recovery_minutes},
        }
        dispatcher.utter_message(**facts(district), **values, **words)
        return [SlotSet("recovery_email", None)]

    @abstractmethod
    def request(self, tx: Transaction, tracker: Tracker) -> Asked:
        """Ask the portal for the mail."""


class SettleRecoverPassword(SettleRecovery):
    """Ask for the mail with the link to a new password (R33)."""

    stem = "recover_password"

    def request(self, tx: Transaction, tracker: Tracker) -> Asked:
        """Name both that must belong together."""
        username, email = tracker.get_slot("username") or "", tracker.get_slot("recovery_email") or ""
        return tx.recovery.ask_password(RecoverPassword(asker(tracker), username, email))


class SettleRecoverUsername(SettleRecovery):
    """Ask for the mail with the usernames of an address (R45)."""

    stem = "recover_username"

    def request(self, tx: Transaction, tracker: Tracker) -> Asked:
        """Name the address."""
        return tx.recovery.ask_username(RecoverUsername(asker(tracker), tracker.get_slot("recovery_email")))


class SettleConfirmEmail(SettleRecovery):
    """Ask for the mail with which an address is confirmed."""

    stem = "confirm_email"

    def request(self, tx: Transaction, tracker: Tracker) -> Asked:
        """Name the address."""
        email = tracker.get_slot("recovery_email")
        return tx.recovery.ask_confirmation(ResendConfirmation(asker(tracker), email))


def _refusal(refused: Refused) -> Words:
    # The same for everybody: what is on file never shows in it.
    match refused.reason:
        case Reason.THROTTLED if refused.retry_at is not None:
            return part("utter_recovery_throttled", at={"datetime": refused.retry_at.isoformat()})
        case Reason.THROTTLED | Reason.BUSY:
            return part("utter_recovery_throttled_soon")
        case _:
            return part("utter_recovery_unreadable")

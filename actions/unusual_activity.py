"""Protect an account that somebody else may be using."""

from rasa_sdk.events import AllSlotsReset
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, leave_form, offer, wants_steps
from actions.places import facts
from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Refused
from portal.helpdesk.outcomes import CaseKind, CaseOpened, NewCase
from portal.transaction import Transaction

# How sure a report must be understood to be acted on at once.
SURE = 0.7


class ReportUnusualActivity(PortalAction):
    """End every session of the account, tell the school, and lead to a new password."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_report_unusual_activity"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Act at once: to be signed out by mistake costs a sign-in, to wait may cost more."""
        if wants_steps(tracker):
            district = await self.district(tracker)
            dispatcher.utter_message(response="utter_how_to_report_unusual_activity", **facts(district))
            return []
        if not _is_sure(tracker) and await self._is_signed_in(tracker):
            dispatcher.utter_message(response="utter_ask_unusual_activity")
            return [offer(self.name())]
        district, protected = await self.ask_here(tracker, lambda tx: _protect(tx, tracker))
        on = district.options.parent_single_sign_on
        way = "" if on else "_off"
        if isinstance(protected, Refused):
            # Without a session nobody knows whose account it is: then a mail to its address protects it.
            dispatcher.utter_message(response=f"utter_unusual_activity_signed_out{way}", **facts(district))
            return [offer("action_begin_recover_password")] if on else []
        number = str(protected.number)
        dispatcher.utter_message(response=f"utter_unusual_activity{way}", number=number, **facts(district))
        left = leave_form(tracker, "change_password_form")
        return [*left, AllSlotsReset(), *([offer("action_begin_recover_password")] if on else [])]

    async def _is_signed_in(self, tracker: Tracker) -> bool:
        live = await self.ask(lambda tx: tx.sessions.any_scope(tracker.sender_id))
        return isinstance(live, LiveSession)


def _is_sure(tracker: Tracker) -> bool:
    # A sentence that only resembles a report must not sign anybody out; a button or a yes may.
    said = tracker.latest_message.get("intent") or {}
    return float(said.get("confidence") or 0) >= SURE


def _protect(tx: Transaction, tracker: Tracker) -> CaseOpened | Refused:
    # Nothing is written for a session that ends here: its account is locked first, as elsewhere.
    live = tx.sessions.any_scope(tracker.sender_id, touch=False)
    if not isinstance(live, LiveSession):
        return live
    # Before anything else: whoever is in there is out now, on every device.
    tx.calendars.end_all(live.account_id)
    tx.sessions.end_all(live.account_id)
    tx.dialogue.void_tickets(tracker.sender_id)
    return tx.cases.open(
        NewCase(
            district=live.district,
            kind=CaseKind.UNUSUAL_ACTIVITY,
            conversation=tracker.sender_id,
            channel=tracker.get_slot("channel") or "",
            language=tracker.get_slot("language") or "en",
            account_id=live.account_id,
        )
    )

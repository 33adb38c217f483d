"""Help a parent who cannot get in: what stands in the way, and the flow that leads past it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, Words, entity, leave_ways_in, offer, part
from actions.places import facts
from actions.recovery import check_username
from actions.steps import StepForm
from portal.accounts.outcomes import SafelyDiagnosed
from portal.core.districts import District
from portal.core.options import AccountOpening, DistrictOptions


class ReportLockout(PortalAction):
    """Tell what a lock means in this district, and offer to look at a username."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_report_lockout"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Give this district's own values (R15)."""
        district = await self.district(tracker)
        lock = district.options.lock
        dispatcher.utter_message(
            response=f"utter_report_lockout_{lock.mode.value}",
            fails={"number": lock.fails},
            minutes={"number": lock.minutes},
            **facts(district),
        )
        return [offer("action_look_at_lock")]


class LookAtLock(PortalAction):
    """Begin to look whether a username is locked."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_look_at_lock"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Keep the name that was just tried, unless another one is named."""
        known = entity(tracker, "username") or tracker.get_slot("username")
        return [*leave_ways_in(tracker), SlotSet("username", known), FollowupAction("report_lockout_form")]


class ValidateReportLockoutForm(StepForm):
    """Check the username that may be locked."""

    form = "report_lockout_form"
    checks = MappingProxyType({"username": check_username})

    def steps(self, slots: Mapping[str, Any]) -> tuple[str, ...]:
        """Ask for the name alone."""
        return ("username",)


class SettleReportLockout(PortalAction):
    """Tell whether a username is locked: the same for names that nobody has."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_report_lockout"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say since when it helps to try again, or who opens it."""
        username = tracker.get_slot("username") or ""
        slug = tracker.get_slot("district") or ""
        district, found = await self.ask_here(tracker, lambda tx: tx.diagnosis.safely(slug, username))
        words = _lock_words(found)
        dispatcher.utter_message(username=username, **facts(district), **words)
        return []


def _lock_words(found: SafelyDiagnosed) -> Words:
    if not found.is_locked:
        return part("utter_username_not_locked")
    if found.must_contact_school or found.until is None:
        return part("utter_username_locked_school")
    return part("utter_username_locked_wait", at={"datetime": found.until.isoformat()})


class TroubleSigningIn(PortalAction):
    """Ask what a parent sees who cannot sign in."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_trouble_signing_in"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Let the parent say which trouble it is; offer only what this district has."""
        options = (await self.district(tracker)).options
        dispatcher.utter_message(response="utter_trouble_signing_in", buttons=_troubles(options))
        return leave_ways_in(tracker)


def _troubles(options: DistrictOptions) -> list[dict[str, Any]]:
    with_ids = options.account_opening is AccountOpening.ACCESS_ID
    by_mail = options.parent_single_sign_on
    shown = {
        "forgot_password": True,
        "forgot_username": True,
        "wrong_password": True,
        "locked": True,
        "access_id": with_ids,
        "no_mail": by_mail,
        "old_link": by_mail,
        "no_email": by_mail,
        "wrong_district": True,
        "no_account": True,
        "person": True,
    }
    return [
        {"title": part(f"utter_trouble_button_{key}"), "payload": _LEADS_TO.get(key) or _explained(key)}
        for key, is_shown in shown.items()
        if is_shown
    ]


def _explained(trouble: str) -> str:
    return f'/trouble_signing_in{{"trouble": "{trouble}"}}'


_LEADS_TO = {
    "locked": "/report_lockout",
    "forgot_password": "/recover_password",
    "forgot_username": "/recover_username",
    "no_account": "/get_account",
    "person": "/talk_to_person",
}


class ExplainTrouble(PortalAction):
    """Explain one trouble and lead to what mends it."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_explain_trouble"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """End with a next step, at least a message for the school."""
        district = await self.district(tracker)
        trouble = str(entity(tracker, "trouble"))
        if trouble == "wrong_district":
            return await self._ask_district(dispatcher, district)
        minutes = {"number": district.options.recovery_minutes}
        ending = _promised(trouble, tracker) or _kind(trouble, district.options)
        key = f"utter_trouble_{trouble}{ending}"
        dispatcher.utter_message(response=key, minutes=minutes, **facts(district))
        promised = tracker.get_slot("mail_promised")
        return (
            [SlotSet("mail_promised", {**promised, "missed": True})]
            if trouble == "no_mail" and promised
            else []
        )

    async def _ask_district(self, dispatcher: CollectingDispatcher, here: District) -> list[Event]:
        districts = await self.ask(lambda tx: tx.districts.all(), read_only=True)
        others = [each for each in districts if each.slug != here.slug]
        buttons = [
            {"title": each.options.name, "payload": f'/choose_district{{"district": "{each.slug}"}}'}
            for each in others
        ]
        key = "utter_trouble_wrong_district" if others else "utter_trouble_wrong_district_only"
        dispatcher.utter_message(response=key, buttons=buttons, **facts(here))
        return []


def _promised(trouble: str, tracker: Tracker) -> str:
    """Tell which mail did not come: what to look at is not the same for each."""
    promised = tracker.get_slot("mail_promised") or {}
    if trouble != "no_mail" or not promised:
        return ""
    return "_still" if promised.get("missed") else f"_{promised['mail']}"


def _kind(trouble: str, options: DistrictOptions) -> str:
    # Without recovery by parents themselves every mail is the school's; some districts have no Access IDs.
    if trouble in {"no_mail", "old_link", "no_email"} and not options.parent_single_sign_on:
        return "_off"
    if trouble == "access_id" and options.account_opening is AccountOpening.REQUEST:
        return "_request"
    return ""

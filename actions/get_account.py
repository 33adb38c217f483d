"""Begin to get an account, in the way that the district opens them, and correct what was told."""

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions import link_student, open_account, request_account
from actions.account_refusals import drop_child
from actions.base import Event, PortalAction, entity, is_filling_in, part, set_slots, start_form, wants_steps
from actions.new_password import new_password_rules
from actions.places import facts
from actions.request_account import NO_QUESTION, QUESTION
from portal.accounts.outcomes import LiveSession
from portal.core.districts import District
from portal.core.options import AccountOpening, DistrictOptions

# What each part of the summary was told in.
PARTS = {
    "name": ("first_name", "last_name"),
    "email": ("email",),
    "username": ("desired_username",),
    "question": ("security_question",),
}
CHILD = "child_"
CORRECTED = frozenset({open_account.FORM, request_account.FORM, link_student.FORM})


class BeginGetAccount(PortalAction):
    """Begin to open or to request an account, or tell the steps on the portal."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_begin_get_account"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say first how it works and what is needed; begin anew unless another try was asked for."""
        district, live = await self.ask_here(tracker, lambda tx: tx.sessions.current(tracker.sender_id))
        options = district.options
        if not options.parent_single_sign_on:
            dispatcher.utter_message(response="utter_off_get_account", **facts(district))
            return []
        if wants_steps(tracker):
            return self._tell_steps(dispatcher, district)
        if isinstance(live, LiveSession):
            dispatcher.utter_message(response="utter_have_account", name=live.display_name, private=True)
            return []
        form, answers = _form_of(options)
        if is_filling_in(tracker, form) or entity(tracker, "again"):
            return start_form(form)
        dispatcher.utter_message(response=f"utter_begin_{form}", **facts(district))
        return [*set_slots(_known(tracker, options, answers)), *start_form(form)]

    def _tell_steps(self, dispatcher: CollectingDispatcher, district: District) -> list[Event]:
        requested = district.options.account_opening is AccountOpening.REQUEST
        response = "utter_how_to_request_account" if requested else "utter_how_to_open_account"
        dispatcher.utter_message(
            response=response,
            rules=new_password_rules(district.options),
            question=part("utter_request_question") if district.options.security_question else "",
            **facts(district),
        )
        return []


class Correct(PortalAction):
    """Ask for one part of what was told again; all the rest is kept."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_correct"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Go back to the form that is being filled in, or begin one."""
        form = (tracker.active_loop or {}).get("name")
        if form not in CORRECTED:
            # An old button, pressed after all of it was given up.
            return [FollowupAction("action_begin_get_account")]
        wrong = entity(tracker, "correct") or entity(tracker, "setting") or ""
        changed = _emptied(str(wrong), tracker)
        return [*set_slots({**changed, "confirmed": None, "correcting": None}), *start_form(str(form))]


class ForgetAnswers(PortalAction):
    """Forget what was told for an account that is given up; nothing of a family stays behind."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_forget_answers"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say nothing: the words come from the action after it."""
        return set_slots(dict.fromkeys({*open_account.ANSWERS, *request_account.ANSWERS}))


def _known(tracker: Tracker, options: DistrictOptions, answers: Sequence[str]) -> Mapping[str, Any]:
    """Return the answers, all of them open but what need not be asked."""
    known: dict[str, Any] = dict.fromkeys(answers)
    if not options.security_question:
        known[QUESTION] = NO_QUESTION
    if "access_id" in known:
        # Whoever came with a letter has brought the Access ID of its child.
        known["access_id"] = (tracker.get_slot("letter") or {}).get("access_id")
    return known


def _emptied(wrong: str, tracker: Tracker) -> Mapping[str, Any]:
    slots = {"children": tracker.get_slot("children")}
    if wrong.startswith(CHILD):
        drop_child(slots, int(wrong.removeprefix(CHILD)))
        return slots
    if wrong == "children":
        return {"more_children": True}
    return dict.fromkeys(PARTS.get(wrong, ()))


def _form_of(options: DistrictOptions) -> tuple[str, tuple[str, ...]]:
    if options.account_opening is AccountOpening.REQUEST:
        return request_account.FORM, request_account.ANSWERS
    return open_account.FORM, open_account.ANSWERS

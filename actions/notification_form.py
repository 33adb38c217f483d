"""Ask for what a regular mail needs, and keep it once it is found right."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.also_asked import EVERYONE
from actions.base import Event, PortalAction, part, set_slots
from actions.email_notifications import ALL, ANSWERS, FORM, refuse
from actions.notification_words import INTENT, button, setting_lines, subject_words
from actions.refusals import refusal
from actions.sessions import needs_session
from actions.steps import Answers, Check, StepForm
from portal.core.outcomes import Refused, Violation
from portal.records.notifications import Frequency, InChat, NotificationChange, Notifications, Subject


def take_subjects(value: Any, answers: Answers) -> None:
    """Take the subjects that were named; a text that names none is asked for again."""
    before = answers.slots.get("notify_chosen") if answers.entities.get("adding") else None
    known = [each.value for each in Subject if each in value or each in (before or ())]
    if known:
        answers.slots["notify_subjects"] = answers.slots["notify_chosen"] = known
    else:
        answers.refuse("notify_subjects", Violation("mailed_unclear"))


def take_frequency(value: Any, answers: Answers) -> None:
    """Take how often; a text that says nothing of it is asked for again."""
    if value in set(Frequency):
        answers.slots["notify_frequency"] = value
    else:
        answers.refuse("notify_frequency", Violation("rhythm_unclear"))


def take_students(value: Any, answers: Answers) -> None:
    """Keep the tabs of the children, which the portal has found."""
    answers.slots["notify_students"] = value


class ValidateNotifications(StepForm):
    """Take the child, the subjects and how often, in whatever order they are told."""

    form = FORM
    checks: Mapping[str, Check] = {
        "notify_students": take_students,
        "notify_subjects": take_subjects,
        "notify_frequency": take_frequency,
    }

    def steps(self, slots: Mapping[str, Any]) -> Iterator[str]:
        """Ask what is missing, and then whether all of it is right; for no mails nothing is needed."""
        yield "notify_students"
        if slots.get("notify_frequency") != Frequency.NEVER:
            yield from ("notify_subjects", "notify_frequency")
        yield "notify_confirmed"

    async def look_up(self, tracker: Tracker, answers: Answers) -> None:
        """Match names among the parent's own children, and subjects with what the district offers."""
        given = dict(answers.given)
        if given.get("notify_students") is not None:
            given["notify_students"] = await self._found(tracker, answers, given["notify_students"])
        if given.get("notify_subjects") is not None:
            given["notify_subjects"] = await self._offered(tracker, answers, given["notify_subjects"])
            if not given["notify_subjects"]:
                # That it is not offered has been said: it is neither taken nor called unclear.
                answers.slots["notify_subjects"] = given.pop("notify_subjects") or None
        answers.given = given

    async def _found(self, tracker: Tracker, answers: Answers, named: Any) -> list[str] | None:
        names = None if named == EVERYONE else [named] if isinstance(named, str) else list(named)
        found = await self.ask(lambda tx: tx.notifications.settings(tracker.sender_id, names))
        if isinstance(found, Notifications):
            return [child.student for child in found.children]
        if not needs_session(found):
            words, _ = refusal(found, {"student": str(named)}, INTENT)
            answers.said.append({**words, "private": True})
            answers.slots["notify_students"], answers.refused = None, True
            return None
        # Kept as it was typed: what is asked next finds that nobody is signed in any more.
        return names

    async def _offered(self, tracker: Tracker, answers: Answers, named: Any) -> list[str]:
        typed = [named] if isinstance(named, str) else list(named)
        found = await self.ask(lambda tx: tx.notifications.settings(tracker.sender_id))
        if isinstance(found, Refused):
            return typed
        if ALL in typed:
            return [each.value for each in found.offered]
        off = [each for each in Subject if each in typed and each not in found.offered]
        if off:
            answers.said.append(part("utter_mailed_off", subjects=subject_words(off)))
        return [each for each in typed if each not in off]


class AskNotifyStudents(PortalAction):
    """Ask which of the children is meant."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return f"action_ask_{FORM}_notify_students"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer the parent's own children, and all of them."""
        found = await self.ask(lambda tx: tx.notifications.settings(tracker.sender_id))
        names = [child.student for child in found.children] if isinstance(found, Notifications) else []
        buttons = [{"title": name, "payload": f"/{INTENT}{json.dumps({'student': name})}"} for name in names]
        buttons.append(button("utter_button_all_children", students=EVERYONE))
        dispatcher.utter_message(response="utter_ask_notify_students", buttons=buttons, private=True)
        return []


class AskNotifySubjects(PortalAction):
    """Ask what the mails are to tell."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return f"action_ask_{FORM}_notify_subjects"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer what the district offers."""
        found = await self.ask(lambda tx: tx.notifications.settings(tracker.sender_id))
        offered = found.offered if isinstance(found, Notifications) else ()
        buttons = [button(f"utter_button_mailed_{each.value}", mailed=[each.value]) for each in offered]
        buttons.append(button("utter_button_mailed_everything", mailed=[ALL]))
        dispatcher.utter_message(response="utter_ask_notify_subjects", buttons=buttons)
        return []


class AskNotifyConfirmed(PortalAction):
    """Show what was chosen before it counts."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return f"action_ask_{FORM}_notify_confirmed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Say everything in one sentence."""
        frequency = tracker.get_slot("notify_frequency")
        subjects = tracker.get_slot("notify_subjects") or ()
        dispatcher.utter_message(
            response="utter_mails_summary_never" if frequency == Frequency.NEVER else "utter_mails_summary",
            students=tracker.get_slot("notify_students"),
            subjects=subject_words(subjects) if subjects else "",
            frequency=part(f"utter_rhythm_{frequency}"),
            private=True,
        )
        return []


class SettleNotifications(PortalAction):
    """Keep what was found right, and say when the first mail leaves."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_email_notifications"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Change nothing where the answer was no."""
        chosen = {name: tracker.get_slot(name) for name in ANSWERS}
        forgotten = set_slots(dict.fromkeys(ANSWERS))
        if not chosen["notify_confirmed"]:
            dispatcher.utter_message(response="utter_mails_kept")
            return forgotten
        district, done = await self.ask_here(
            tracker,
            lambda tx: tx.notifications.change(tracker.sender_id, chosen["notify_students"], _change(chosen)),
        )
        if isinstance(done, Refused):
            asked = {
                "students": chosen["notify_students"],
                "mailed": chosen["notify_subjects"],
                "rhythm": chosen["notify_frequency"],
            }
            return [*forgotten, *refuse(dispatcher, tracker, district, done, asked)]
        self._tell(dispatcher, done)
        return forgotten

    def _tell(self, dispatcher: CollectingDispatcher, done: Notifications) -> None:
        lines = setting_lines(done.children)
        if all(child.frequency is Frequency.NEVER for child in done.children):
            dispatcher.utter_message(response="utter_mails_stopped", lines=lines, private=True)
            return
        quiet = all(child.in_chat is InChat.NONE for child in done.children)
        buttons = [button("utter_button_in_chat", inchat=InChat.NEWS.value)] if quiet else []
        dispatcher.utter_message(
            response="utter_mails_set", lines=lines, address=done.address, buttons=buttons, private=True
        )


def _change(chosen: Mapping[str, Any]) -> NotificationChange:
    frequency = Frequency(chosen["notify_frequency"])
    if frequency is Frequency.NEVER:
        return NotificationChange(frequency)
    return NotificationChange(frequency, tuple(map(Subject, chosen["notify_subjects"])))

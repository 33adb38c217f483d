"""Let a parent see, choose, stop and ask for the regular mails about each child."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.also_asked import EVERYONE, SAID, is_named
from actions.base import Event, PortalAction, entity, leave_form, part, set_slots, wants_steps
from actions.notification_words import INTENT, button, setting_lines, subject_words
from actions.places import facts
from actions.refusals import refusal
from actions.sessions import ask_to_sign_in, needs_session
from portal.core.districts import District
from portal.core.outcomes import Reason, Refused
from portal.records.notifications import (
    Frequency,
    InChat,
    Notification,
    NotificationChange,
    Notifications,
    Subject,
)
from portal.transaction import Transaction

FORM = "set_email_notifications_form"
ANSWERS = ("notify_students", "notify_subjects", "notify_chosen", "notify_frequency", "notify_confirmed")
NAMED = ("student", "students", "mailed", "adding", "rhythm", "mailing", "inchat")
ALL = "everything"
Asked = Mapping[str, Any]


class SetEmailNotifications(PortalAction):
    """Show what is set, do at once what needs no question, or begin to ask."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_set_email_notifications"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Find out first whose children are meant."""
        if wants_steps(tracker):
            response = "utter_how_to_set_email_notifications"
            dispatcher.utter_message(response=response, **facts(await self.district(tracker)))
            return []
        asked: Asked = _asked_now(tracker)
        if asked.get("mailing") == "elsewhere":
            # No further address (R96): what a parent may see is for that parent's own account.
            dispatcher.utter_message(response="utter_mails_elsewhere")
            return []
        district, shown = await self.ask_here(
            tracker, lambda tx: tx.notifications.settings(tracker.sender_id, _names(asked))
        )
        if isinstance(shown, Refused):
            return refuse(dispatcher, tracker, district, shown, asked)
        shown, asked = _of_those_named(shown, asked)
        if asked.get("mailing") == "show":
            # A question in between: what was being chosen goes on.
            return [SlotSet("resume", None), *_show(dispatcher, shown)]
        left = [SlotSet("resume", None), *leave_form(tracker, FORM)]
        return [*left, *await self._do(dispatcher, tracker, shown, asked)]

    async def _do(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, shown: Notifications, asked: Asked
    ) -> list[Event]:
        wanted = "stop" if asked.get("rhythm") == Frequency.NEVER else asked.get("mailing")
        is_plain = not asked.keys() & {"mailed", "rhythm", "mailing", "inchat"}
        if is_plain and _set_ones(shown):
            return _show(dispatcher, shown)
        if wanted == "stop":
            return await self._stop(dispatcher, tracker, shown, asked)
        if not shown.confirmed:
            return _ask_for_address(dispatcher, shown)
        if wanted == "now":
            return await self._send_now(dispatcher, tracker, shown)
        if "inchat" in asked:
            return await self._set_in_chat(dispatcher, tracker, shown, InChat(asked["inchat"]))
        return _begin(dispatcher, shown, asked)

    async def _stop(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, shown: Notifications, asked: Asked
    ) -> list[Event]:
        """Stop at once: whoever has enough of mails is not asked anything, and it can be undone."""
        running = _set_ones(shown)
        if not running:
            dispatcher.utter_message(response="utter_mails_none_set", private=True)
            return []
        without = _subjects(asked, shown) if asked.get("mailed") not in (None, [ALL]) else ()
        done = await self.ask(lambda tx: _stopped(tx, tracker.sender_id, running, without))
        if isinstance(done, Refused):
            return refuse(dispatcher, tracker, await self.district(tracker), done, asked)
        dispatcher.utter_message(response="utter_mails_stopped", lines=setting_lines(done), private=True)
        return []

    async def _send_now(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, shown: Notifications
    ) -> list[Event]:
        names = [each.student for each in _set_ones(shown) or shown.children]
        turn = str(tracker.latest_message.get("message_id") or "")
        district, sent = await self.ask_here(
            tracker, lambda tx: tx.notifications.send_now(tracker.sender_id, names, turn)
        )
        if isinstance(sent, Refused):
            return refuse(dispatcher, tracker, district, sent, {"mailing": "now"})
        dispatcher.utter_message(
            response="utter_mail_sent_now", students=list(sent.students), address=sent.address, private=True
        )
        return []

    async def _set_in_chat(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, shown: Notifications, wanted: InChat
    ) -> list[Event]:
        running = [each.student for each in _set_ones(shown)]
        if not running:
            dispatcher.utter_message(response="utter_in_chat_needs_mails", private=True)
            return _begin(dispatcher, shown, {})
        change = NotificationChange(in_chat=wanted)
        district, done = await self.ask_here(
            tracker, lambda tx: tx.notifications.change(tracker.sender_id, running, change)
        )
        if isinstance(done, Refused):
            return refuse(dispatcher, tracker, district, done, {"inchat": wanted.value})
        dispatcher.utter_message(response=f"utter_in_chat_set_{wanted.value}", students=running, private=True)
        return []


def refuse(
    dispatcher: CollectingDispatcher, tracker: Tracker, district: District, refused: Refused, asked: Asked
) -> list[Event]:
    """Say what stopped it; what was asked goes on after signing in."""
    if needs_session(refused):
        # Names are only known once somebody is signed in, so the words are kept as well.
        said = {SAID: tracker.latest_message.get("text") or asked.get(SAID) or ""}
        resume = {"action": "action_set_email_notifications", "slots": {**asked, **said}}
        return [*leave_form(tracker, FORM), *ask_to_sign_in(dispatcher, tracker, district, refused, resume)]
    match refused.reason:
        case Reason.THROTTLED:
            until = {"datetime": refused.retry_at.isoformat()} if refused.retry_at else ""
            dispatcher.utter_message(response="utter_mail_too_often", until=until)
        case Reason.EMAIL_NOT_CONFIRMED:
            dispatcher.utter_message(response="utter_mails_unconfirmed", address="")
        case Reason.NO_MAIL_FROM_SCHOOL:
            dispatcher.utter_message(response="utter_mails_kept_back", **facts(district))
        case _:
            kept = {name: value for name, value in asked.items() if name != SAID}
            words, buttons = refusal(refused, kept, INTENT)
            dispatcher.utter_message(**words, buttons=buttons, private=True, **facts(district))
    return []


def _asked_now(tracker: Tracker) -> dict[str, Any]:
    named = {name: entity(tracker, name) for name in NAMED}
    asked = {name: value for name, value in named.items() if value is not None}
    resume = tracker.get_slot("resume") or {}
    if not asked and resume.get("action") == "action_set_email_notifications":
        return dict(resume.get("slots") or {})
    return asked


def _names(asked: Asked) -> Sequence[str] | None:
    students = asked.get("students")
    if students == EVERYONE:
        return None
    if students:
        return list(students)
    return [asked["student"]] if asked.get("student") else None


def _of_those_named(shown: Notifications, asked: Asked) -> tuple[Notifications, Asked]:
    """Leave out the children whom the words of before the sign-in do not name, if they name any."""
    named = tuple(child for child in shown.children if is_named(child.student, asked.get(SAID, "")))
    if not named:
        return shown, asked
    return replace(shown, children=named), {**asked, "students": [child.student for child in named]}


def _set_ones(shown: Notifications) -> tuple[Notification, ...]:
    return tuple(child for child in shown.children if child.frequency is not Frequency.NEVER)


def _subjects(asked: Asked, shown: Notifications) -> tuple[Subject, ...]:
    named = asked.get("mailed") or []
    return tuple(each for each in Subject if each in named or (ALL in named and each in shown.offered))


def _stopped(
    tx: Transaction, conversation: str, running: Sequence[Notification], without: Sequence[Subject]
) -> tuple[Notification, ...] | Refused:
    done: list[Notification] = []
    for child in running:
        left = tuple(each for each in child.subjects if each not in without) if without else ()
        change = NotificationChange(subjects=left) if left else NotificationChange(Frequency.NEVER)
        outcome = tx.notifications.change(conversation, [child.student], change)
        if isinstance(outcome, Refused):
            return outcome
        done += outcome.children
    return tuple(done)


def _show(dispatcher: CollectingDispatcher, shown: Notifications) -> list[Event]:
    buttons = [button("utter_button_mails_change", mailing="change")]
    if _set_ones(shown):
        buttons.append(button("utter_button_mails_now", mailing="now"))
        buttons.append(button("utter_button_mails_stop", mailing="stop"))
    address = "utter_mails_address" if shown.confirmed else "utter_mails_address_none"
    dispatcher.utter_message(
        response="utter_mails_shown",
        lines=setting_lines(shown.children),
        address=part(address, address=shown.address or ""),
        buttons=buttons,
        private=True,
    )
    return []


def _ask_for_address(dispatcher: CollectingDispatcher, shown: Notifications) -> list[Event]:
    response = "utter_mails_unconfirmed" if shown.address else "utter_mails_no_address"
    dispatcher.utter_message(response=response, address=shown.address or "", private=True)
    return []


def _begin(dispatcher: CollectingDispatcher, shown: Notifications, asked: Asked) -> list[Event]:
    """Begin to ask for what was not said at once."""
    off = [each for each in _subjects(asked, shown) if each not in shown.offered]
    if off:
        dispatcher.utter_message(response="utter_mailed_off", subjects=subject_words(off))
    subjects, frequency = _changed(shown, asked)
    chosen = [each.value for each in subjects] or None
    begun = {
        "notify_students": [child.student for child in _meant(shown, asked)] or None,
        "notify_subjects": chosen,
        "notify_chosen": chosen,
        "notify_frequency": frequency,
        "notify_confirmed": None,
    }
    return [*set_slots(begun), FollowupAction(FORM)]


def _changed(shown: Notifications, asked: Asked) -> tuple[list[Subject], str | None]:
    """Return the subjects and how often, with what is set already where that was not named anew."""
    running = [child for child in _meant(shown, asked) if child.frequency is not Frequency.NEVER]
    named = {each for each in _subjects(asked, shown) if each in shown.offered}
    # "Every day instead" changes nothing but how often, "attendance, too" takes nothing away.
    alike = {child.subjects for child in running}
    if len(alike) == 1 and (asked.get("adding") or not asked.get("mailed")):
        named |= set(alike.pop())
    rhythms = {child.frequency.value for child in running}
    frequency = rhythms.pop() if len(rhythms) == 1 and asked.keys() & {"mailed"} else None
    return [each for each in Subject if each in named], asked.get("rhythm") or frequency


def _meant(shown: Notifications, asked: Asked) -> Sequence[Notification]:
    """Return the children that are named, else those whose mails are changed; none where it is unclear."""
    if asked.keys() & {"student", "students"} or len(shown.children) == 1:
        return shown.children
    return _set_ones(shown) if asked.keys() & {"mailed", "rhythm"} else ()

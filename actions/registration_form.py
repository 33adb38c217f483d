"""Lead through registering for next year's courses: nothing counts before the summary was confirmed."""

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.base import Event, PortalAction, asker, entity, leave_form, part, set_slots
from actions.places import facts
from actions.refusals import refusal
from actions.registration import DROP, FORM, REGISTER, named_courses
from actions.registration_wish import (
    CHILD,
    COURSES,
    Named,
    amendment,
    drops,
    flat,
    judged,
    looked_up,
    standing_before,
)
from actions.registration_words import (
    INTENT,
    MOST_BUTTONS,
    button,
    course_buttons,
    day,
    problem_words,
    stops_all,
    summary_lines,
    year_words,
)
from actions.sessions import ask_to_sign_in, needs_session
from actions.steps import REQUESTED, Answers, Check, StepForm
from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.records.answers import Child
from portal.records.course_requests import (
    OF_NO_COURSE,
    CourseRequests,
    Registered,
    RegistrationChecked,
    Rule,
    Withdrawn,
)
from portal.transaction import Transaction

SLOTS = ("registration", CHILD, COURSES, "confirmed")


class ValidateRegisterClasses(StepForm):
    """Take the child and the courses, and take them again when they are corrected."""

    form = FORM
    checks: Mapping[str, Check] = {}

    def steps(self, slots: Mapping[str, Any]) -> Sequence[str]:
        """Ask for the courses of a child, then whether the summary is right."""
        return (CHILD, COURSES, "confirmed")

    async def look_up(self, tracker: Tracker, answers: Answers) -> None:
        """Hold what is named against the rules: what cannot be is said, and the rest is kept."""
        before = standing_before(tracker)
        names_child = CHILD in answers.given or entity(tracker, "student") is not None
        if names_child and not await self._take_child(tracker, answers):
            # What stood before stands still, and is to be confirmed as it stands.
            answers.slots |= {COURSES: before or None, "confirmed": None}
            return
        given = answers.given.get(COURSES)
        # A whole text is given where its intent made something else of what it names.
        typed = [given] if isinstance(given, str) else named_courses(tracker) or flat(given)
        if not (typed or (before and names_child)):
            return
        named = Named(typed, before, amendment(tracker))
        slots, conversation = dict(answers.slots), tracker.sender_id
        checked = await self.ask(lambda tx: looked_up(tx, conversation, slots, named))
        if isinstance(checked, Refused):
            # Whoever may no longer ask is told so where the summary would stand.
            answers.slots[COURSES] = typed or before
        else:
            _take(answers, checked)

    async def _take_child(self, tracker: Tracker, answers: Answers) -> bool:
        """Take another child among the parent's own; any other name is refused like everywhere."""
        current = (tracker.get_slot("registration") or {}).get("child")
        named = str(entity(tracker, "student") or answers.given[CHILD])
        found = await self.ask(lambda tx: tx.records.child(tracker.sender_id, named))
        if isinstance(found, Child):
            answers.slots[CHILD] = found.label
            return True
        answers.slots[CHILD] = current
        if needs_session(found):
            return True
        words, _ = refusal(found, {"student": named}, INTENT)
        answers.said.append(words)
        return False


class AskRegistrationCourses(PortalAction):
    """Ask which courses are meant."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return f"action_ask_{FORM}_{COURSES}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Offer what fits: the courses of one name, all that are open, or what was registered."""
        begun, child = tracker.get_slot("registration") or {}, tracker.get_slot(CHILD)
        district, shown = await self.ask_here(
            tracker, lambda tx: tx.registration.view(tracker.sender_id, child)
        )
        if isinstance(shown, Refused):
            return refuse(dispatcher, tracker, district, shown)
        if begun.get("over"):
            return [*forget(tracker), *([] if begun.get("drop") else _offer_others(dispatcher, shown))]
        if begun.get("which"):
            typed, titles = begun["which"]
            buttons = [button(title, course=title) for title in titles]
            dispatcher.utter_message(
                response="utter_registration_which_course", course=typed, buttons=buttons, private=True
            )
            return []
        wish = "drop" if begun.get("drop") else "register"
        dispatcher.utter_message(
            response=f"utter_ask_courses_to_{wish}",
            student=shown.student,
            year=year_words(shown.school_year),
            buttons=course_buttons(shown, drop=bool(begun.get("drop"))),
            private=True,
        )
        return []


class AskRegistrationConfirmed(PortalAction):
    """Show what would be registered or taken back; nothing of it counts yet."""

    def name(self) -> str:
        """Name the action that the form calls for this slot."""
        return f"action_ask_{FORM}_confirmed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Check all of it anew: a seat may have been taken since it was named."""
        conversation = tracker.sender_id
        district, checked = await self.ask_here(tracker, lambda tx: judged(tx, conversation, tracker.slots))
        if isinstance(checked, Refused):
            return refuse(dispatcher, tracker, district, checked)
        if not checked.is_right:
            _tell_problems(dispatcher, checked)
            return forget(tracker)
        wish = "drop" if drops(tracker.slots) else "register"
        dispatcher.utter_message(
            response=f"utter_confirm_courses_to_{wish}",
            student=checked.student,
            school=checked.school,
            year=year_words(checked.school_year),
            lines=[
                *summary_lines(checked.courses),
                *problem_words(checked.warnings, checked.student, checked.school),
            ],
            private=True,
        )
        return []


class SettleRegisterClasses(PortalAction):
    """Register or take back what was confirmed, and say what comes next."""

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_settle_register_classes"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Do nothing but say so where the answer was no."""
        if not tracker.get_slot("confirmed") or not tracker.get_slot(COURSES):
            dispatcher.utter_message(response="utter_registration_left")
            return set_slots(dict.fromkeys(SLOTS))
        turn = asker(tracker).request_id
        district, done = await self.ask_here(tracker, lambda tx: _settled(tx, tracker, turn))
        match done:
            case Refused():
                return refuse(dispatcher, tracker, district, done)
            case RegistrationChecked():
                _tell_problems(dispatcher, done)
            case Registered():
                _tell_registered(dispatcher, done)
            case Withdrawn():
                year = year_words(done.school_year)
                words = part("utter_courses_dropped", student=done.student, courses=list(done.courses))
                dispatcher.utter_message(**words, year=year, private=True)
        return set_slots(dict.fromkeys(SLOTS))


def refuse(
    dispatcher: CollectingDispatcher, tracker: Tracker, district: District, refused: Refused
) -> list[Event]:
    """Leave the form; what was wished for goes on after signing in."""
    wish = DROP if drops(tracker.slots) else REGISTER
    left = forget(tracker)
    if needs_session(refused):
        # Not the child: the next one at this device may be another family's parent.
        courses = flat(tracker.get_slot(COURSES))
        slots = {"registration": wish, **({"courses": courses} if courses else {})}
        resume = {"action": "action_tell_registration", "slots": slots}
        return [*left, *ask_to_sign_in(dispatcher, tracker, district, refused, resume)]
    asked = {"registration": wish, "student": tracker.get_slot(CHILD)}
    words, buttons = refusal(refused, asked, INTENT)
    dispatcher.utter_message(**words, buttons=buttons, private=True, **facts(district))
    return left


def forget(tracker: Tracker) -> list[Event]:
    """Return the events that leave the form and forget what was told in it."""
    return [*leave_form(tracker, FORM), SlotSet(REQUESTED, None), *set_slots(dict.fromkeys(SLOTS))]


def _offer_others(dispatcher: CollectingDispatcher, shown: CourseRequests) -> list[Event]:
    """Offer the other classes that are open, without asking for one; a name alone then chooses it."""
    if not (shown.is_open and shown.open_choices):
        return []
    titles = [each.course for each in shown.open_choices[:MOST_BUTTONS]]
    asked = {"student": shown.student, "registration": REGISTER}
    buttons = [button(title, **asked, courses=[title]) for title in titles]
    words = part("utter_registration_others", student=shown.student)
    dispatcher.utter_message(**words, buttons=buttons, private=True)
    return [SlotSet("question", {"action": "action_tell_registration", "slots": asked})]


def _take(answers: Answers, checked: RegistrationChecked) -> None:
    unclear = [each for each in checked.problems if each.rule is Rule.WHICH_COURSE]
    problems = [each for each in checked.problems if each not in unclear]
    answers.said += problem_words(problems, checked.student, checked.school)
    right = [each.course_id for each in checked.courses]
    # With one course too many only the parent can say which of them it is.
    settled = bool(right) and not unclear and not any(each.rule in OF_NO_COURSE for each in problems)
    answers.slots |= {COURSES: right if settled else None, "confirmed": None}
    # Only a name that nobody knows is a misstep; a rule is nothing to be stuck at.
    answers.refused = not settled and any(each.rule is Rule.UNKNOWN_COURSE for each in problems)
    answers.slots["registration"] = {
        "drop": drops(answers.slots),
        "child": answers.slots[CHILD],
        "kept": right if settled or unclear else [],
        "which": [unclear[0].course, list(unclear[0].names)] if unclear else None,
        # Asked in passing ("can she take art?"), it is answered; only who is choosing goes on.
        "over": stops_all(problems) or (answers.requested is None and bool(problems) and not right),
    }


def _settled(
    tx: Transaction, tracker: Tracker, turn: str
) -> Registered | Withdrawn | RegistrationChecked | Refused:
    do = tx.registration.withdraw if drops(tracker.slots) else tx.registration.register
    return do(tracker.sender_id, tracker.get_slot(CHILD), flat(tracker.get_slot(COURSES)), turn)


def _tell_registered(dispatcher: CollectingDispatcher, done: Registered) -> None:
    closes = [part("utter_registered_until", closes=day(done.closes))] if done.closes else []
    warned = problem_words(done.warnings, done.student, done.school)
    dispatcher.utter_message(
        response="utter_courses_registered",
        student=done.student,
        year=year_words(done.school_year),
        courses=list(done.courses),
        following=[*warned, part("utter_registered_next", school=done.school), *closes],
        buttons=[button(part("utter_button_registration_view"), student=done.student, registration="view")],
        private=True,
    )


def _tell_problems(dispatcher: CollectingDispatcher, checked: RegistrationChecked) -> None:
    lines = problem_words(checked.problems, checked.student, checked.school)
    dispatcher.utter_message(response="utter_registration_stopped", lines=lines, private=True)

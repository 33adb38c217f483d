"""Answer a question about one child: whose it is, what is missing, what to do instead."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.also_asked import EVERYONE, SAID, Asked, is_named, named_in
from actions.base import Event, PortalAction, entity, intent, set_slots, wants_steps
from actions.conversation import TURNED_ON
from actions.places import facts
from actions.refusals import is_said_once, refusal
from actions.sessions import ask_to_sign_in, needs_session
from portal.core.districts import District
from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question
from portal.transaction import Transaction


class AboutChild(Protocol):
    """Name the child that an answer is about, as its tab does."""

    @property
    def student(self) -> str:
        """Return the label of the tab, or "" for an answer that is the same for all the children."""


AnswerT = TypeVar("AnswerT", bound=AboutChild)
# What of the last question a new name takes the place of.
INSTEAD = {
    "student": ("students",),
    "students": ("student",),
    "course": ("class_period", "courses", "moment", "subject"),
    "courses": ("class_period", "course", "moment", "subject"),
    "class_period": ("course", "courses", "moment", "subject"),
    "relative": ("student", "students"),
    "term": ("date_range", "moment"),
    "date_range": ("term", "moment"),
    "moment": ("term", "date_range", "course", "courses", "class_period"),
}


class ChildQuestion(PortalAction, Generic[AnswerT]):
    """Ask the portal about a child of the live session, and word what comes back."""

    # The intent of the buttons, and every intent that this answers.
    intent: str
    intents: frozenset[str]
    # Whether a course that is named tells which child is meant, where only one takes it.
    is_of_a_course: bool = True

    @abstractmethod
    def look_up(self, tx: Transaction, conversation: str, question: Question) -> AnswerT | Refused:
        """Ask the portal."""

    @abstractmethod
    def tell(self, dispatcher: CollectingDispatcher, answer: AnswerT, asked: Asked, today: date) -> str:
        """Word the answer; return the name of the child that it is about."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        """Answer, or say what is missing and keep the question until it is there."""
        instead = await self._instead(tracker)
        if instead:
            dispatcher.utter_message(response=instead, **facts(await self.district(tracker)))
            return []
        asked = self._asked_now(tracker)
        district, (answers, now) = await self.ask_here(
            tracker, lambda tx: (self._find_and_keep(tx, tracker, asked), tx.now)
        )
        if is_said_once([answer for _, answer in answers]):
            answers = [(asked, answers[0][1])]
        today = now.astimezone(ZoneInfo(district.options.time_zone)).date()
        events: list[Event] = []
        about = set()
        for one, answer in answers:
            if isinstance(answer, Refused):
                events = self._refuse(dispatcher, tracker, district, one, answer)
            else:
                # What is the same for all the children leaves the child that was spoken of.
                student = self.tell(dispatcher, answer, one, today) or tracker.get_slot("student")
                about.add(student)
                events = [*self._remember(one, student), *self.follow(answer, one)]
        if len(answers) == 1:
            return events
        return self._remember(asked, about.pop() if len(about) == 1 else tracker.get_slot("student"))

    def follow(self, answer: AnswerT, asked: Asked) -> list[Event]:
        """Return what happens next, once it is told; nothing, unless something was to be done."""
        return []

    def steps(self, tracker: Tracker) -> str | None:
        """Return the words for what to do on the portal, where that was asked and not the answer."""
        is_asked = wants_steps(tracker) and not entity(tracker, "count")
        return f"utter_how_to_{self.intent}" if is_asked else None

    async def _instead(self, tracker: Tracker) -> str | None:
        """Return what is said in the place of an answer: that the page is off, or the steps to it."""
        turned_on = TURNED_ON.get(self.intent)
        if turned_on is not None and not turned_on((await self.district(tracker)).options):
            return f"utter_off_{self.intent}"
        return self.steps(tracker)

    def _find_and_keep(
        self, tx: Transaction, tracker: Tracker, asked: Asked
    ) -> list[tuple[Asked, AnswerT | Refused]]:
        answers = self._find_each(tx, tracker, asked)
        about = {answer.student for _, answer in answers if not isinstance(answer, Refused)} - {""}
        if len(about) == 1:
            # Should time run out, this is what the parent is asked whether to go back to.
            place = {"student": about.pop(), "question": self._question(answers[-1][0])}
            tx.sessions.remember(tracker.sender_id, place)
        return answers

    def _question(self, asked: Asked) -> dict[str, Any]:
        slots = {name: value for name, value in asked.items() if name != SAID}
        return {"action": self.name(), "slots": slots}

    def find_again(
        self, tx: Transaction, tracker: Tracker, asked: Asked
    ) -> list[tuple[Asked, AnswerT | Refused]]:
        """Look a question up anew, for whoever asks what lies behind its answer."""
        return self._find_each(tx, tracker, asked)

    def _find_each(
        self, tx: Transaction, tracker: Tracker, asked: Asked
    ) -> list[tuple[Asked, AnswerT | Refused]]:
        """Ask for each child that is meant; together with what was asked about that one."""
        wanted = asked.get("students")
        if wanted == EVERYONE:
            tabs = tx.records.students(tracker.sender_id)
            if isinstance(tabs, Refused):
                return [(asked, tabs)]
            wanted = tabs.names
        if not wanted:
            return self._find_courses(tx, tracker, asked)
        alone = {name: value for name, value in asked.items() if name not in {"students", SAID}}
        each = [one for name in wanted for one in _each_course({**alone, "student": name})]
        return [(one, self._find(tx, tracker, one)) for one in each]

    def _find_courses(
        self, tx: Transaction, tracker: Tracker, asked: Asked
    ) -> list[tuple[Asked, AnswerT | Refused]]:
        each = _each_course(asked)
        answers = [(one, self._find(tx, tracker, one)) for one in each]
        # Which child is meant is asked once, for the whole question.
        open_ = next((answer for _, answer in answers if _asks_which(answer)), None)
        return answers if open_ is None else [(asked, open_)]

    def _find(self, tx: Transaction, tracker: Tracker, asked: Asked) -> AnswerT | Refused:
        answer = self.look_up(tx, tracker.sender_id, question_of(asked))
        if isinstance(answer, Refused) and answer.reason is Reason.WHICH_STUDENT:
            meant = _meant(answer.choices, asked, tracker.get_slot("student"))
            meant = meant or [each for each in self._taking(tx, tracker, asked) if each in answer.choices]
            if len(meant) == 1:
                asked["student"] = meant[0]
                answer = self.look_up(tx, tracker.sender_id, question_of(asked))
        if isinstance(answer, Refused) and answer.reason is Reason.NO_SUCH_COURSE and "student" in asked:
            asked["student"] = _label(tx, tracker.sender_id, asked["student"])
        return answer

    def _taking(self, tx: Transaction, tracker: Tracker, asked: Asked) -> list[str]:
        """Return which children take the course asked about, where nothing else tells which one is meant."""
        if not asked.get("course") or asked.get("relative") or not self.is_of_a_course:
            return []
        family = tx.records.of(tracker.sender_id)
        return [] if isinstance(family, Refused) else list(family.taking(asked["course"]))

    def _asked_now(self, tracker: Tracker) -> Asked:
        if intent(tracker) in self.intents and not self._goes_on(tracker):
            return with_child(named_in(tracker), tracker)
        # Nothing new was asked: it goes on after signing in, or for another child.
        for slot in ("resume", "question"):
            kept = tracker.get_slot(slot) or {}
            if kept.get("action") == self.name():
                return dict(kept.get("slots") or {})
        return {}

    def _goes_on(self, tracker: Tracker) -> bool:
        """Tell whether the message only put something else into the question before."""
        question = tracker.get_slot("question") or {}
        # "Better than Leo" was turned into a question about each child before it came here.
        is_kept = entity(tracker, "follow_up") or entity(tracker, "compare") == "children"
        return bool(is_kept) and question.get("action") == self.name()

    def keeps(self, asked: Asked) -> dict[str, Any]:
        """Return what is kept of the question also when others come after it; nothing, as a rule."""
        return {}

    def _remember(self, asked: Asked, student: str | None) -> list[Event]:
        kept = {"student": student, "question": self._question(asked), "resume": None}
        return set_slots({**kept, **self.keeps(asked)})

    def _refuse(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        district: District,
        asked: Asked,
        refused: Refused,
    ) -> list[Event]:
        if needs_session(refused):
            if refused.reason is Reason.SESSION_ENDED:
                for name in ("student", "students"):
                    # The child was named in the session that ended, maybe by somebody else.
                    if entity(tracker, name) is None and asked.get(name) != EVERYONE:
                        asked.pop(name, None)
            # Names are only known once somebody is signed in, so the words are kept as well.
            said = tracker.latest_message.get("text") or asked.get(SAID) or ""
            resume = {"action": self.name(), "slots": {**asked, SAID: said}}
            return ask_to_sign_in(dispatcher, tracker, district, refused, resume)
        asked.pop(SAID, None)
        words, buttons = refusal(refused, asked, self.intent)
        dispatcher.utter_message(**words, buttons=buttons, private=True, **facts(district))
        lost = refused.reason is Reason.NOT_YOUR_STUDENT
        return self._remember(asked, None if lost else tracker.get_slot("student"))


def with_child(asked: Asked, tracker: Tracker) -> Asked:
    """Go on with the child of the question before, unless this one is about another."""
    before = (tracker.get_slot("question") or {}).get("slots") or {}
    called = before.get("relative")
    if asked.keys() & {"student", "students"} or not tracker.get_slot("student"):
        return asked
    if asked.get("relative", called) != called:
        # Which child "my older son" is, only the parent knows.
        return asked
    kept = {"relative": called} if called else {}
    return {**asked, **kept, "student": tracker.get_slot("student")}


def _each_course(asked: Asked) -> list[Asked]:
    """Return the question once for each of the courses that it names together."""
    if not asked.get("courses"):
        return [asked]
    alone = {name: value for name, value in asked.items() if name != "courses"}
    return [{**alone, "course": course} for course in asked["courses"]]


def _label(tx: Transaction, conversation: str, student: str) -> str:
    """Return what the tab calls a child, as every other answer does."""
    child = tx.records.child(conversation, student)
    return student if isinstance(child, Refused) else child.label


def _asks_which(answer: object) -> bool:
    return isinstance(answer, Refused) and (answer.reason is Reason.WHICH_STUDENT or needs_session(answer))


def _meant(choices: Sequence[str], asked: Asked, current: str | None) -> list[str]:
    """Return which of the choices the words mean: one that is named, or the other of two."""
    if asked.get("relative", "").startswith("other") and current in choices:
        others = [each for each in choices if each != current]
        return others if len(choices) == len(others) + 1 == 2 else []
    return [each for each in choices if is_named(each, asked.get(SAID, ""))]


def question_of(asked: Mapping[str, Any]) -> Question:
    """Return what the parent named, typed for the portal."""
    days = asked.get("date_range") or {}
    return Question(
        student=asked.get("student"),
        course=asked.get("course"),
        term=asked.get("term"),
        since=_day(days.get("since")),
        until=_day(days.get("until")),
        kind=asked.get("attendance_kind"),
        class_period=asked.get("class_period"),
        account=asked.get("account"),
        moment=asked.get("moment"),
        work=asked.get("work"),
        subject=asked.get("subject"),
        calendar=asked.get("calendar"),
        against=asked.get("against"),
        page=asked.get("page"),
    )


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None

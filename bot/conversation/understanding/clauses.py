"""Find two questions in one message, so that neither is dropped."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.conversation.understanding.lexicon import Lexicon
from bot.conversation.understanding.parsed import Entity, Parse
from bot.conversation.understanding.tokens import fold

# Each half must be understood by itself about as surely as a message of its own.
_SURE = 0.59
_MOST_PLACES = 6
# Every half is parsed anew: what is longer is no list of questions, and must not cost seconds.
_MOST_CHARACTERS = 400
_MOST_QUESTIONS = 3
_PAUSE = re.compile(r"[,;.!?\n\u061b\u060c\u061f\u3001\u3002\uff0c\uff01\uff1b\uff1f]+")
# These may follow another question; what follows anything else belongs to it ("forgot my username and
# password" is one trouble, not two).
_QUESTIONS = frozenset(
    {
        "ask_access_id",
        "ask_assignments",
        "ask_attendance",
        "ask_attendance_history",
        "ask_balance",
        "ask_district_code",
        "ask_grades",
        "ask_grades_history",
        "ask_last_sign_in",
        "ask_portal_address",
        "ask_schedule",
        "ask_school_bulletin",
        "ask_school_information",
        "ask_teacher_comments",
        "ask_test_results",
    }
)
_DEEDS = frozenset({"change_password", "link_student", "sign_in", "sign_out", "talk_to_person"})
_TROUBLES = frozenset(
    {
        "confirm_email",
        "get_account",
        "recover_password",
        "recover_username",
        "report_lockout",
        "trouble_signing_in",
    }
)
# Asked beside a trouble, these are a part of it: "I cannot sign in, is it the Access ID?"
_OF_TROUBLES = frozenset({"ask_access_id", "ask_last_sign_in", "ask_portal_address"})
# One list of wishes: "mail me the grades and the attendance" is a single wish.
_TAKES_LISTS = frozenset(
    {
        "download_my_data",
        "manage_preferences",
        "open_application",
        "print_page",
        "register_classes",
        "set_email_notifications",
        "subscribe_calendar",
    }
)
_ALIKE = (
    {"ask_grades", "ask_grades_history"},
    {"ask_attendance", "ask_attendance_history"},
    {"ask_grades", "ask_test_results"},
)
# Said of a page, of a change, of a reason, or beside what is typed into a form, words belong together.
_ONE_QUESTION = frozenset(
    {"access_id", "compare", "email", "follow_up", "how_to", "page", "source", "topic", "username"}
)
# Said once, it holds for both questions.
_SHARED = ("student", "students", "relative")


def with_second(whole: Parse, lexicon: Lexicon, parse: Callable[[str], Parse]) -> Parse:
    """Return the first question of a message with the others put off in `also`; else the parse as it is."""
    if len(whole.text) > _MOST_CHARACTERS or whole.intent in _TAKES_LISTS:
        return whole
    if any(whole.first(name) is not None for name in _ONE_QUESTION):
        return whole
    return _split(whole, lexicon, parse, _MOST_QUESTIONS) or whole


def _split(whole: Parse, lexicon: Lexicon, parse: Callable[[str], Parse], most: int) -> Parse | None:
    if most < 2:
        return None
    for left, right in _halves(whole.text, lexicon):
        first, second = parse(left), parse(right)
        second = _split(second, lexicon, parse, most - 1) or second
        if _are_two(first, second):
            first, second = _sharing(first, second), _sharing(second, first)
            return replace(first, text=whole.text, also=second)
    return None


def _halves(text: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    folded = fold(text)
    places = [*lexicon.matches("and_also", folded), *_PAUSE.finditer(folded)]
    for place in sorted(places, key=lambda match: match.start())[:_MOST_PLACES]:
        left, right = text[: place.start()].strip(), text[place.end() :].strip()
        if left and right:
            yield left, right


def _are_two(first: Parse, second: Parse) -> bool:
    intents = {first.intent, second.intent}
    if len(intents) < 2 or intents in _ALIKE or min(first.confidence, second.confidence) < _SURE:
        return False
    if first.intent in _TROUBLES:
        return second.intent in _QUESTIONS - _OF_TROUBLES
    return intents <= _QUESTIONS | _DEEDS and bool(intents & _QUESTIONS)


def _sharing(one: Parse, other: Parse) -> Parse:
    """Return a question with the child that only the other one names."""
    if any(one.first(name) is not None for name in _SHARED):
        return one
    shared = (entity for entity in other.entities if entity.name in _SHARED)
    return replace(one, entities=(*one.entities, *(Entity(e.name, e.value, 0, 0) for e in shared)))

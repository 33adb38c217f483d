"""Collect everything that a sentence names, once its intent is known."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from bot.conversation.understanding import contacts, courses, dates, people, phrases, terms
from bot.conversation.understanding.lexicon import Lexicon, Sentence, phrase
from bot.conversation.understanding.parsed import Entity, Names

# "Due Friday" means the coming Friday, "absent on Friday" the past one.
_FORWARD = frozenset({"ask_assignments", "ask_schedule", "ask_school_bulletin", "register_classes"})
# These are about the course named English or Spanish, not about the language of the conversation.
_IN_LANGUAGE = "change_language"
# These are about the classes that a child attends, not about those of next year.
_OF_THIS_YEAR = frozenset(
    {
        "ask_assignments",
        "ask_attendance",
        "ask_attendance_history",
        "ask_grades",
        "ask_grades_history",
        "ask_schedule",
        "ask_teacher_comments",
        "ask_test_results",
    }
)
# Here "in basket weaving" names a course, also one that the child does not have.
_OF_COURSES = frozenset(
    {"ask_grades", "ask_grades_history", "ask_assignments", "ask_attendance", "ask_teacher_comments"}
)
# Only here does "try again" say what is to be tried.
_AGAIN = "sign_in"
# What regular mails are to be about, and how often they come.
_OF_MAILS = ("mailed", "rhythm", "adding")
# "Attendance" alone may answer what the mails are to be about.
_MAY_NAME_MAILED = frozenset(
    {
        "ask_assignments",
        "ask_attendance",
        "ask_attendance_history",
        "ask_balance",
        "ask_grades",
        "ask_school_bulletin",
        "ask_test_results",
    }
)
# Of these several may be wanted at once.
_LISTS = frozenset({"mailed"})
# Intents that stand for several things, and the entity that tells which.
_WISHES = {
    "manage_preferences": ("setting",),
    "link_student": ("unlink",),
    "ask_access_id": ("lost",),
    "trouble_signing_in": ("trouble",),
    "recover_password": ("trouble",),
    "recover_username": ("trouble",),
    "confirm_email": ("trouble",),
    "sign_in": ("trouble",),
    "get_account": ("trouble",),
    "ask_portal_address": ("trouble",),
    "talk_to_person": ("trouble", "message"),
    "nlu_fallback": ("trouble", "message", "compare", "amend", *_OF_MAILS, "picture", "viewing"),
    "report_lockout": ("look",),
    "ask_grades": ("picture", "compare"),
    "ask_grades_history": ("picture", "compare"),
    "ask_attendance": ("picture", "compare"),
    "ask_attendance_history": ("picture", "compare"),
    "ask_assignments": ("work",),
    "ask_schedule": ("moment", "aspect"),
    "ask_balance": ("account", "paying"),
    "ask_school_information": ("detail",),
    "download_my_data": ("explaining",),
    "print_page": ("page",),
    "subscribe_calendar": ("calendar", "subscription", "viewing"),
    "open_application": ("application", "missing"),
    "register_classes": ("registration", "amend"),
    "set_email_notifications": (*_OF_MAILS, "mailing", "inchat"),
    "affirm": ("amend", *_OF_MAILS),
    "deny": ("amend", *_OF_MAILS),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Say in what light a sentence is read: its intent, whose names to look for, which day it is."""

    intent: str
    names: Names
    today: date
    language: str


def find_entities(sentence: Sentence, scope: Scope, lexicon: Lexicon) -> tuple[Entity, ...]:
    """Return the entities in the order of the text; what overlaps an earlier kind is left out."""
    found: list[Entity] = list(contacts.find_emails(sentence, lexicon))
    found += _apart(phrases.find_usernames(sentence, lexicon), found)
    found += _apart(contacts.find_access_ids(sentence, lexicon), found)
    found += _apart(phrases.find_districts(sentence, scope.names.districts), found)
    found += _apart(_dates(sentence, scope, lexicon), found)
    found += _apart(terms.find_terms(sentence.text, sentence.folded, scope.names.terms, lexicon), found)
    found += _apart(_courses(sentence, scope, lexicon), found)
    found += _apart(_languages(sentence, scope, lexicon), found)
    found += _apart(people.find_students(sentence, scope.names.students, lexicon), found)
    found += phrases.find_several_students(sentence, found, lexicon)
    found += phrases.find_several_courses(sentence, found, lexicon)
    found += _apart(phrases.find_class_periods(sentence, lexicon), found)
    found += _apart(phrases.find_counts(sentence, lexicon), found)
    found += phrases.find_attendance_kinds(sentence, lexicon)
    found += phrases.find_how_to(sentence, lexicon)
    found += phrases.find_topics(sentence, lexicon)
    found += phrases.find_source(sentence, lexicon)
    found += phrases.find_relatives(sentence, lexicon)
    found += contacts.find_relationships(sentence, lexicon)
    found += contacts.find_own_names(sentence, lexicon)
    for kind in _WISHES.get(scope.intent, ()):
        found += phrases.find_wishes(sentence, lexicon, kind, several=kind in _LISTS)
    found = phrases.with_compared_children(sentence, found, lexicon)
    found += phrases.find_again(sentence, lexicon) if scope.intent == _AGAIN else ()
    found += phrases.find_follow_up(sentence, found, lexicon)
    if scope.intent in _MAY_NAME_MAILED:
        found += phrases.find_mailed_alone(sentence, lexicon)
        found += phrases.find_wishes(sentence, lexicon, "adding")
    found += _coming(sentence, scope, found, lexicon)
    found += _offerings(sentence, scope, lexicon)
    return tuple(sorted(found, key=lambda entity: (entity.start, entity.end, entity.name)))


def _apart(candidates: Iterable[Entity], found: list[Entity]) -> list[Entity]:
    return [one for one in candidates if all(one.end <= two.start or one.start >= two.end for two in found)]


def _dates(sentence: Sentence, scope: Scope, lexicon: Lexicon) -> list[Entity]:
    forward = scope.intent in _FORWARD or any(lexicon.matches("forward", sentence.folded))
    # What is "since October" has begun, also where else the coming one would be meant.
    forward = forward and not any(lexicon.matches("date_gone", sentence.folded))
    return dates.find_dates(sentence.folded, scope.today, lexicon, language=scope.language, forward=forward)


def _coming(sentence: Sentence, scope: Scope, found: list[Entity], lexicon: Lexicon) -> list[Entity]:
    """Return the day that "and on Friday?" means where the question before looks ahead."""
    if scope.intent in _FORWARD or not any(one.name == "follow_up" for one in found):
        return []
    ahead = dates.find_dates(sentence.folded, scope.today, lexicon, language=scope.language, forward=True)
    days = [one for one in ahead if one.value["since"] == one.value["until"]]
    return [replace(one, name="coming") for one in days if one not in found]


def _courses(sentence: Sentence, scope: Scope, lexicon: Lexicon) -> list[Entity]:
    if scope.intent == _IN_LANGUAGE and not any(lexicon.matches("goes_on", sentence.folded)):
        return []
    titles = scope.names.courses
    if scope.intent not in _OF_THIS_YEAR:
        titles = tuple(dict.fromkeys([*titles, *scope.names.offerings]))
    found = courses.find_courses(sentence, titles, lexicon)
    if not found and scope.intent in _OF_COURSES:
        return list(courses.find_unknown(sentence, lexicon))
    return [course for course in found if not _is_page_name(course, sentence, lexicon)]


def _offerings(sentence: Sentence, scope: Scope, lexicon: Lexicon) -> list[Entity]:
    """Return the courses of next year that are called like a language, where a language may be meant too.

    Which of both it is, only the flow can tell: "Spanish" is a class where one is being chosen.
    """
    if scope.intent != _IN_LANGUAGE:
        return []
    words = {word for title in scope.names.offerings for word in phrase(title).split(" ")}
    found = courses.find_courses(sentence, scope.names.offerings, lexicon)
    called = [one for one in found if words.issuperset(sentence.folded[one.start : one.end].split())]
    return [replace(one, name="offering") for one in called]


def _is_page_name(course: Entity, sentence: Sentence, lexicon: Lexicon) -> bool:
    """Tell whether this is a word of "grades history", a page and not the course History."""
    if phrase(sentence.text[course.start : course.end]) not in _histories(lexicon):
        return False
    before = [token.plain for token in sentence.tokens if token.end <= course.start][-1:]
    after = [token.plain for token in sentence.tokens if token.start >= course.end][:1]
    beside = zip((before, after), ("before_history", "after_history"), strict=True)
    return any(word in lexicon.lookups.get(pages, ()) for words, pages in beside for word in words)


def _histories(lexicon: Lexicon) -> frozenset[str]:
    return lexicon.lookups.get("page_history", frozenset())


def _languages(sentence: Sentence, scope: Scope, lexicon: Lexicon) -> Iterable[Entity]:
    languages = list(phrases.find_languages(sentence, lexicon))
    if scope.intent == _IN_LANGUAGE:
        return languages
    subjects = {name for _, names in lexicon.groups("subject_") for name in names}
    return [one for one in languages if sentence.folded[one.start : one.end] not in subjects]

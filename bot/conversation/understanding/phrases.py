"""Find the small things that a sentence says: a period, a number, a username, a language."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from bot.conversation.understanding.lexicon import Lexicon, Sentence, phrase
from bot.conversation.understanding.parsed import Entity

_KINDS = ("absent", "tardy", "excused", "unexcused")
# Either alone asks for these absences only; both together ask for all of them.
_SPLIT = frozenset({"excused", "unexcused"})
# What the question before can be asked again about.
_FOLLOWED = frozenset({"course", "term", "date_range", "class_period"})
# What makes a question of its own: "and late last week?", "and due tomorrow?".
_ASKED = frozenset({"attendance_kind", "work", "registration"})


def find_how_to(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Tell whether the parent asks how a thing is done."""
    for match in lexicon.matches("how_to", sentence.folded):
        yield Entity("how_to", value=True, start=match.start(), end=match.end())
        return


def find_again(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Tell whether the same is to be tried once more."""
    for match in lexicon.matches("again", sentence.folded):
        yield Entity("again", value=True, start=match.start(), end=match.end())
        return


def find_source(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Tell whether it is asked where an answer comes from."""
    for match in lexicon.matches("source", sentence.folded):
        yield Entity("source", value=True, start=match.start(), end=match.end())
        return


def find_topics(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find the subject of a question that has one fixed answer, by the patterns named `topic_...`."""
    for topic, patterns in lexicon.fits("topic_"):
        for pattern in patterns:
            if match := pattern.search(sentence.folded):
                yield Entity("topic", topic, match.start(), match.end())
                return


def find_wishes(
    sentence: Sentence, lexicon: Lexicon, kind: str, *, several: bool = False
) -> Iterator[Entity]:
    """Find what exactly is wanted of the several things that one intent stands for.

    A pattern named `wants_setting_email` gives the entity `setting` with the value `email`; where
    several may be wanted, the value is a list.
    """
    wanted = [
        Entity(kind, value or True, matches[0].start(), matches[0].end())
        for value, matches in _wished(sentence, lexicon, kind)
    ]
    if not several:
        yield from wanted[:1]
    elif wanted:
        start, end = min(one.start for one in wanted), max(one.end for one in wanted)
        yield Entity(kind, [one.value for one in wanted], start, end)


def find_mailed_alone(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find what mails are to be about, where nothing else is said: "attendance and the balance, please"."""
    fillers = lexicon.lookups.get("mailed_word", frozenset())
    for one in find_wishes(sentence, lexicon, "mailed", several=True):
        around = (token.plain for token in sentence.tokens if not one.start <= token.start < one.end)
        if fillers.issuperset(around):
            yield one


def _wished(sentence: Sentence, lexicon: Lexicon, kind: str) -> Iterator[tuple[str, list[re.Match[str]]]]:
    for rest, patterns in lexicon.fits(f"wants_{kind}"):
        # "wants_mail_..." is not of the kind "mailed", nor the other way round.
        if rest and not rest.startswith("_"):
            continue
        matches = [match for pattern in patterns for match in pattern.finditer(sentence.folded)]
        if matches:
            yield rest[1:], matches


def find_relatives(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find a child that is called something else than its name, like "my older son"."""
    for match in lexicon.matches("relative", sentence.folded):
        yield Entity("relative", match["relative"], match.start(), match.end())
        return


def find_several_students(sentence: Sentence, found: Sequence[Entity], lexicon: Lexicon) -> Iterator[Entity]:
    """Tell whether all the children are meant, or several whose names are joined ("Maya and Leo")."""
    for match in lexicon.matches("all_students", sentence.folded):
        yield Entity("students", "all", match.start(), match.end())
        return
    yield from _joined(sentence, found, lexicon, ("student", "students"))


def find_several_courses(sentence: Sentence, found: Sequence[Entity], lexicon: Lexicon) -> Iterator[Entity]:
    """Tell whether several courses are meant, like "math and English"."""
    yield from _joined(sentence, found, lexicon, ("course", "courses"))


def _joined(
    sentence: Sentence, found: Sequence[Entity], lexicon: Lexicon, names: tuple[str, str]
) -> Iterator[Entity]:
    one_name, several_name = names
    named = sorted((one for one in found if one.name == one_name), key=lambda one: one.start)
    joiners = lexicon.lookups.get("name_joiner", frozenset())
    fillers = lexicon.lookups.get("joined_word", frozenset())
    between = [_words_between(sentence, one.end, two.start) for one, two in pairwise(named)]
    # A comma alone may correct: "not Leo, Maya".
    joined = any(words & joiners for words in between)
    if joined and all(words <= joiners | fillers for words in between):
        yield Entity(several_name, [one.value for one in named], named[0].start, named[-1].end)


def with_compared_children(sentence: Sentence, found: Sequence[Entity], lexicon: Lexicon) -> list[Entity]:
    """Tell a child that is held against another ("better than Leo") from a time ("than last term")."""
    named = {one.name for one in found}
    than = lexicon.lookups.get("than_word", frozenset())
    held = any(one.name == "student" and _word_before(sentence, one.start) in than for one in found)
    is_other = held or ("students" in named and not named & {"term", "date_range"})
    return [replace(one, value="children") if one.name == "compare" and is_other else one for one in found]


def find_follow_up(sentence: Sentence, found: Sequence[Entity], lexicon: Lexicon) -> Iterator[Entity]:
    """Tell whether the parent only names another course or time for the question before, or asks it again."""
    if any(lexicon.matches("asks_again", sentence.folded)):
        yield Entity("follow_up", value=True, start=0, end=len(sentence.text))
        return
    named = {one.name for one in found}
    if not _FOLLOWED & named or _ASKED & named:
        return
    fillers = lexicon.lookups.get("follow_up_word", frozenset())
    loose = [
        token.plain
        for token in sentence.tokens
        if not any(one.start <= token.start < one.end for one in found)
        and not (token.plain.isdecimal() and _follows_course(token.start, found))
    ]
    if fillers.issuperset(loose):
        yield Entity("follow_up", value=True, start=0, end=len(sentence.text))


def _follows_course(start: int, found: Sequence[Entity]) -> bool:
    """Tell whether a number belongs to the course before it ("Algebra 1"), however the title writes it."""
    return any(one.name == "course" and one.end <= start <= one.end + 1 for one in found)


def _word_before(sentence: Sentence, start: int) -> str:
    return next((token.plain for token in reversed(sentence.tokens) if token.end <= start), "")


def _words_between(sentence: Sentence, start: int, end: int) -> set[str]:
    return {token.plain for token in sentence.tokens if start <= token.start < end}


def find_counts(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find "how many", or the number of things wanted ("the last 3")."""
    for match in lexicon.matches("how_many", sentence.folded):
        yield Entity("count", "how_many", match.start(), match.end())
        return
    for match in lexicon.matches("count", sentence.folded):
        number = lexicon.number(match["number"])
        if number is not None:
            yield Entity("count", number, match.start(), match.end())
            return


def find_attendance_kinds(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find which kind of attendance is meant, each kind once."""
    found = {kind: token for kind in _KINDS if (token := _kind_word(sentence, kind, lexicon))}
    if _is_inside(found.get("excused"), found.get("unexcused")):
        found.pop("excused")  # "Without an excuse" holds the word.
    split = _SPLIT & found.keys()
    if len(split) == 1:
        found.pop("absent", None)
    for kind, token in found.items():
        value = "absent" if len(split) > 1 and kind in _SPLIT else kind
        yield Entity("attendance_kind", value, *token)


def _is_inside(one: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    return one is not None and other is not None and other[0] <= one[0] and one[1] <= other[1]


def _kind_word(sentence: Sentence, kind: str, lexicon: Lexicon) -> tuple[int, int] | None:
    """Return the place of the first word of that kind, or of the words that say it together."""
    patterns = lexicon.patterns.get(f"attendance_{kind}", ())
    for token, word in zip(sentence.tokens, sentence.words, strict=True):
        if any(pattern.fullmatch(word) for pattern in patterns):
            return token.start, token.end
    together = list(lexicon.matches(f"attendance_{kind}", sentence.folded))
    return max((match.span() for match in together), key=lambda span: span[1] - span[0], default=None)


def find_class_periods(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find the periods of the day that are meant, as numbers written in digits."""
    for match in lexicon.matches("class_period", sentence.folded):
        number = lexicon.number(match["number"])
        if number is not None:
            yield Entity("class_period", str(number), match.start(), match.end())


def find_usernames(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find a username, letters as typed; ordinary words ("my username is wrong") are none."""
    for match in lexicon.matches("username", sentence.folded):
        start, end = match.span("username")
        typed = sentence.text[start:end].rstrip(".!?)\"'").lstrip("(\"'")
        if typed and phrase(typed) not in lexicon.ordinary and any(map(str.isalnum, typed)):
            start = sentence.text.index(typed, start)
            yield Entity("username", typed, start, start + len(typed))
            return


def find_languages(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find the language that is meant, as its code."""
    words = f" {' '.join(sentence.words)} "
    found = [
        (len(name), code, name)
        for code, names in lexicon.groups("language_")
        for name in names
        if f" {name} " in words or (not name.isascii() and name in words)
    ]
    if found:
        _, code, name = max(found)
        yield Entity("language", code, *_place(sentence, name))


def find_districts(sentence: Sentence, districts: Sequence[str]) -> Iterator[Entity]:
    """Find a district by its name or slug."""
    words = f" {' '.join(token.plain for token in sentence.tokens)} "
    for district in sorted(districts, key=len, reverse=True):
        name = phrase(district)
        if name and f" {name} " in words:
            yield Entity("district", district, *_place(sentence, name))
            return


def _place(sentence: Sentence, name: str) -> tuple[int, int]:
    """Return where the words of a plain phrase stand in the text."""
    parts = name.split(" ")
    for at in range(len(sentence.words) - len(parts) + 1):
        typed = [token.plain for token in sentence.tokens[at : at + len(parts)]]
        if parts in (typed, list(sentence.words[at : at + len(parts)])):
            return sentence.tokens[at].start, sentence.tokens[at + len(parts) - 1].end
    return 0, len(sentence.text)

"""Find the button whose title a parent typed instead of pressing it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rapidfuzz.distance import OSA

from bot.conversation.hearing import meaning_of
from bot.conversation.understanding.tokens import count_words
from portal.core.folding import fold
from portal.dialogue.outcomes import Choice

if TYPE_CHECKING:
    from bot.conversation.dialogue import Tracker
    from bot.conversation.hearing import Incoming
    from bot.conversation.memory import Scene

# So many letters allow for one slip of the thumb; of a shorter title each letter counts.
LETTERS_PER_SLIP = 6
MOST_SLIPS = 2


def offered(replies: Iterable[Mapping[str, Any]], *, may_repeat: bool) -> list[Choice]:
    """Return what the buttons of the last turn say and mean.

    What a private reply offered in a session that has ended is not for whoever types now.
    """
    shown = [reply for reply in replies if may_repeat or not reply["private"]]
    choices = [Choice(title, payload) for reply in shown for title, payload in reply["buttons"]]
    # A button that stands for plain words is understood like those words anyway.
    return [choice for choice in choices if meaning_of(choice.payload) is not None]


def title_typed(tracker: "Tracker", scene: "Scene", incoming: "Incoming") -> Choice | None:
    """Return the button of the last turn whose title was typed: it counts as pressed."""
    choices = offered(tracker.last_replies, may_repeat=scene.may_repeat)
    # While a password is awaited nothing that only resembles a title may pass for one.
    secret = incoming.withheld or tracker.secret_pending
    return typed(incoming.text, choices, exactly=secret)


def typed(text: str, choices: Sequence[Choice], *, exactly: bool = False) -> Choice | None:
    """Return the one choice whose title was typed, word for word or but for a slip of the thumb.

    `exactly` allows no slip at all: what was typed may be a secret.
    """
    if exactly:
        return _only(choice for choice in choices if choice.title.casefold() == text.casefold())
    folded = fold(text)
    same = _only(choice for choice in choices if folded and _is_same(text, folded, choice.title))
    return same or _nearest(folded, choices)


def _is_same(text: str, folded: str, title: str) -> bool:
    # One word may be a username: "a-silva" is another one than "a.silva".
    if not _has_words(title):
        return text.rstrip(".!").casefold() == title.casefold()
    return fold(title) == folded


def _nearest(folded: str, choices: Sequence[Choice]) -> Choice | None:
    near = [choice for choice in choices if _is_near(folded, choice.title)]
    # Two that are near are two too many: "a grandmather" is nobody.
    return _only(near)


def _is_near(folded: str, title: str) -> bool:
    # Numbers tell two titles apart, and a slip in one makes another; so it is with a single word.
    wanted = fold(title)
    if _digits(folded) != _digits(wanted) or not _has_words(title):
        return False
    slips = min(len(wanted) // LETTERS_PER_SLIP, MOST_SLIPS)
    return slips > 0 and OSA.distance(folded, wanted, score_cutoff=slips) <= slips


def _has_words(title: str) -> bool:
    return count_words(title) > 1


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _only(found: Iterable[Choice]) -> Choice | None:
    meanings = {choice.payload: choice for choice in found}
    return next(iter(meanings.values())) if len(meanings) == 1 else None

"""Put into words what a form shows again: what was typed, and what is wrong with it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.conversation.formats import Manner, formatted
from portal.core.districts import District
from portal.core.options import PasswordOptions, Profile
from portal.core.outcomes import Reason, Refused
from web.public.forms import Form, Problem
from web.words import Words

_HALF = re.compile("[\ud800-\udfff]")
# Whatever is typed into these never comes back in a page.
SECRETS = ("password", "secret", "answer", "token")
# These say that the school must help, so they show how to reach it.
_WITH_CONTACT = frozenset(
    {
        Reason.LOCKED_CONTACT_SCHOOL,
        Reason.LOCKED_WAIT,
        Reason.PASSWORD_DISABLED,
        Reason.THROTTLED,
        Reason.ACCESS_ID_PAUSED,
        Reason.BARRED,
        Reason.NOT_IN_PILOT,
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Show one message about the whole form; `contact` tells to show how to reach the school."""

    text: str
    contact: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """Show what is wrong with one field."""

    field: str
    text: str

    @property
    def group(self) -> str:
        """Return the number of the group of fields that it is about, where a form has several."""
        name, _, number = self.field.rpartition("_")
        return number if name and number.isdigit() else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Hold what a template shows of a form."""

    form_id: str
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: Sequence[Said] = ()
    notice: Notice | None = None

    def value(self, name: str, otherwise: str = "") -> str:
        """Return what was typed into a field; of a secret, nothing."""
        if any(part in name for part in SECRETS):
            return ""
        # Half a character cannot be written into a page either.
        return _HALF.sub("", self.typed.get(name, otherwise))

    def wrong(self, name: str) -> list[str]:
        """Return what is wrong with a field, in words."""
        return [said.text for said in self.problems if said.field == name]


def sheet_of(
    form: Form | None, words: Words, problems: Iterable[Problem] = (), notice: Notice | None = None
) -> Sheet:
    """Return the sheet of a form; each showing of a form has an id of its own."""
    said = [Said(each.field, violation_text(words, each)) for each in problems]
    return Sheet(Form().form_id, {} if form is None else form.values, said, notice)


def violation_text(words: Words, problem: Problem) -> str:
    """Return the words for what is wrong; those of the field itself where there are such."""
    own = f"violation_{problem.key}_{problem.field.rstrip('_0123456789')}"
    key = own if words.knows(own) else f"violation_{problem.key}"
    return words(key, number=problem.number)


def notice_of(refused: Refused, words: Words, district: District) -> Notice:
    """Return the words for a refusal that is about no single field."""
    reason, contact = refused.reason.value, refused.reason in _WITH_CONTACT
    until = f"reason_{reason}_until"
    if refused.retry_at is not None and words.knows(until):
        return Notice(words(until, at=moment(refused.retry_at, district, words.language)), contact)
    key = f"reason_{reason}"
    # Where a new password by mail lifts it too, that is the nearer way.
    if refused.reason is Reason.PASSWORD_DISABLED and district.options.profile is Profile.RECOMMENDED:
        key = "reason_password_disabled_recover"
    return Notice(words(key if words.knows(key) else "reason_invalid_request"), contact)


def moment(at: datetime, district: District, language: str) -> str:
    """Return a moment as a parent of the district reads it."""
    manner = Manner(language, ZoneInfo(district.options.time_zone))
    return formatted("datetime", {"datetime": at.isoformat()}, manner)


def requirements(options: PasswordOptions, words: Words, *, is_first: bool = False) -> list[str]:
    """Return the rules of this district for a new password, to be read before typing (R20).

    The first password of an account has no earlier ones to differ from.
    """
    rules = (
        (options.upper_and_lower, "rule_upper_and_lower"),
        (options.letter_and_number, "rule_letter_and_number"),
        (options.special, "rule_special"),
        (options.history > 0 and not is_first, "rule_history"),
        (True, "rule_blocklist"),
    )
    length = words("rule_min_length", number=options.min_length)
    return [length, *(words(key) for is_on, key in rules if is_on)]

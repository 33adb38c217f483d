"""Name every option that the console edits: where it stands, what kind it is, which values it takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.core.options import (
    LEAST_KEPT,
    LEAST_LENGTH,
    MOST_FAILS,
    MOST_HISTORY,
    MOST_KEPT,
    MOST_RECOVERY_MINUTES,
    AccountOpening,
    DistrictOptions,
    HelpContact,
    LaunchLink,
    LockMode,
    Profile,
)
from portal.core.overlay import Path

HELP_KEYS = ("name", "phone", "email", "hours", "wait")
# Links in mails begin with it: whoever took over a console could send families anywhere. It is shown and
# changed in the district's file only, by whoever runs the machine.
ONLY_IN_THE_FILE = frozenset({"public_base_url"})


class Kind(StrEnum):
    """Name what an option takes, and so how it is asked for."""

    TEXT = "text"
    ADDRESS = "address"
    FLAG = "flag"
    NUMBER = "number"
    CHOICE = "choice"
    ZONE = "zone"
    LANGUAGES = "languages"
    LINKS = "links"
    ORIGINS = "origins"
    SCHOOLS = "schools"


class Section(StrEnum):
    """Name the options that stand on one page."""

    DISTRICT = "district"
    SIGNING_IN = "signing_in"
    ACCOUNTS = "accounts"
    PAGES = "pages"
    EMBED = "embed"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class OptionField:
    """Describe one option; `name` is its path with dots and names its words."""

    path: Path
    kind: Kind
    section: Section
    least: int = 0
    most: int = 0
    choices: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return the path as it is written and said."""
        return ".".join(self.path)

    @property
    def slot(self) -> str:
        """Return how forms call it: what is called a password there is never shown again."""
        return self.name.replace("password", "rule")

    @property
    def key(self) -> str:
        """Return the end of the keys of its words; the schools share theirs."""
        parts = (self.path[0], self.path[-1]) if self.section is Section.HELP else self.path
        return "_".join(parts)

    def of(self, options: DistrictOptions) -> Any:
        """Return what counts, as plain values."""
        if self.section is Section.HELP:
            contact = options.help.get(self.path[1], HelpContact())
            return getattr(contact, self.path[2]) or ""
        found: Any = options
        for part in self.path:
            found = getattr(found, part)
        return _plain(found)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [
            {"name": each.name, "url": each.url} if isinstance(each, LaunchLink) else each for each in value
        ]
    if isinstance(value, StrEnum):
        return value.value
    return "" if value is None else value


def _one(path: str, kind: Kind, section: Section, least: int = 0, most: int = 0) -> OptionField:
    return OptionField(tuple(path.split(".")), kind, section, least, most)


def _choice(path: str, section: Section, choices: type[StrEnum]) -> OptionField:
    return OptionField(tuple(path.split(".")), Kind.CHOICE, section, choices=[each.value for each in choices])


FIELDS: Sequence[OptionField] = (
    _one("name", Kind.TEXT, Section.DISTRICT),
    _one("portal_url", Kind.ADDRESS, Section.DISTRICT),
    _one("locales", Kind.LANGUAGES, Section.DISTRICT),
    _one("time_zone", Kind.ZONE, Section.DISTRICT),
    _choice("profile", Section.SIGNING_IN, Profile),
    _choice("lock.mode", Section.SIGNING_IN, LockMode),
    _one("lock.fails", Kind.NUMBER, Section.SIGNING_IN, 1, MOST_FAILS),
    _one("lock.minutes", Kind.NUMBER, Section.SIGNING_IN, 1, 1440),
    _one("password.min_length", Kind.NUMBER, Section.SIGNING_IN, LEAST_LENGTH, 64),
    _one("password.upper_and_lower", Kind.FLAG, Section.SIGNING_IN),
    _one("password.letter_and_number", Kind.FLAG, Section.SIGNING_IN),
    _one("password.special", Kind.FLAG, Section.SIGNING_IN),
    _one("password.history", Kind.NUMBER, Section.SIGNING_IN, 0, MOST_HISTORY),
    _one("password.expires_days", Kind.NUMBER, Section.SIGNING_IN, 0, 3650),
    _one("recovery_minutes", Kind.NUMBER, Section.SIGNING_IN, 1, MOST_RECOVERY_MINUTES),
    _one("session_idle_minutes", Kind.NUMBER, Section.SIGNING_IN, 1, 720),
    _choice("account_opening", Section.ACCOUNTS, AccountOpening),
    _one("pilot_schools", Kind.SCHOOLS, Section.ACCOUNTS),
    _one("parent_single_sign_on", Kind.FLAG, Section.ACCOUNTS),
    _one("security_question", Kind.FLAG, Section.ACCOUNTS),
    _one("chat_history_days", Kind.NUMBER, Section.ACCOUNTS, LEAST_KEPT, MOST_KEPT),
    _one("case_text_days", Kind.NUMBER, Section.ACCOUNTS, LEAST_KEPT, MOST_KEPT),
    # The code before the switch: the switch alone would be refused.
    _one("district_code", Kind.TEXT, Section.PAGES),
    _one("mobile_server", Kind.FLAG, Section.PAGES),
    _one("class_registration", Kind.FLAG, Section.PAGES),
    _one("my_data", Kind.FLAG, Section.PAGES),
    _one("school_bulletin", Kind.FLAG, Section.PAGES),
    _one("lunch_balance", Kind.FLAG, Section.PAGES),
    _one("school_map", Kind.FLAG, Section.PAGES),
    _one("plugins", Kind.LINKS, Section.PAGES),
    _one("learning_platforms", Kind.LINKS, Section.PAGES),
    _one("embed_origins", Kind.ORIGINS, Section.EMBED),
)


def fields_of(section: Section, school: str = "") -> Sequence[OptionField]:
    """Return the options of one page; those of help are one school's."""
    if section is Section.HELP:
        return [OptionField(("help", school, key), Kind.TEXT, section) for key in HELP_KEYS]
    return [field for field in FIELDS if field.section is section]


def all_fields(schools: Sequence[str]) -> Iterator[OptionField]:
    """Yield every option, those of help for each of these schools."""
    yield from FIELDS
    for school in schools:
        yield from fields_of(Section.HELP, school)

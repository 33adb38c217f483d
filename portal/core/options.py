"""Type a district's options; files and the console pass through the same strict reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.core.reading import Reader

LEAST_LENGTH = 8
MOST_FAILS = 100
MOST_RECOVERY_MINUTES = 1440
# How long what was said in chats and cases is kept. A month is what the desk needs to look something up.
CHAT_HISTORY_DAYS = 365
CASE_TEXT_DAYS = 730
LEAST_KEPT = 30
MOST_KEPT = 3650
MOST_HISTORY = 24
DEFAULT_SCHOOL = "default"


class Profile(StrEnum):
    """Name the set of defaults that a district follows."""

    RECOMMENDED = "recommended"
    POWERSCHOOL = "powerschool"
    ASPEN = "aspen"


class LockMode(StrEnum):
    """Tell what ends a lock: time, or the school's staff."""

    WAIT = "wait"
    UNTIL_STAFF = "until_staff"


class AccountOpening(StrEnum):
    """Tell how a parent comes to an account."""

    ACCESS_ID = "access_id"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class LockOptions:
    """Say after how many failures a name locks, and for how long at first."""

    mode: LockMode
    fails: int
    minutes: int


@dataclass(frozen=True, slots=True)
class PasswordOptions:
    """Say what a new password must be; there is no way to turn the blocklist off."""

    min_length: int
    upper_and_lower: bool
    letter_and_number: bool
    special: bool
    history: int
    expires_days: int


@dataclass(frozen=True, slots=True)
class HelpContact:
    """Say in full what "contact your school" means; `name` is how the school is called."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    hours: str | None = None
    wait: str | None = None


@dataclass(frozen=True, slots=True)
class LaunchLink:
    """Name something that opens in a window of its own."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class DistrictOptions:
    """Hold every option of one district."""

    profile: Profile
    name: str
    portal_url: str
    locales: tuple[str, ...]
    time_zone: str
    account_opening: AccountOpening
    parent_single_sign_on: bool
    lock: LockOptions
    password: PasswordOptions
    recovery_minutes: int
    session_idle_minutes: int
    security_question: bool
    chat_history_days: int
    case_text_days: int
    help: Mapping[str, HelpContact]
    mobile_server: bool
    district_code: str | None
    class_registration: bool
    my_data: bool
    school_bulletin: bool
    lunch_balance: bool
    school_map: bool
    plugins: tuple[LaunchLink, ...]
    learning_platforms: tuple[LaunchLink, ...]
    embed_origins: tuple[str, ...]
    pilot_schools: tuple[str, ...]
    public_base_url: str | None

    def help_at(self, school: str | None = None) -> HelpContact:
        """Return whom a family of this school contacts, else the district's own help desk."""
        return self.help.get(school or DEFAULT_SCHOOL) or self.help.get(DEFAULT_SCHOOL) or HelpContact()


@dataclass(frozen=True, slots=True)
class _Defaults:
    min_length: int
    mode: LockMode
    fails: int
    security_question: bool


DEFAULTS = {
    Profile.RECOMMENDED: _Defaults(15, LockMode.WAIT, 10, security_question=False),
    Profile.POWERSCHOOL: _Defaults(8, LockMode.UNTIL_STAFF, 5, security_question=False),
    Profile.ASPEN: _Defaults(8, LockMode.UNTIL_STAFF, 5, security_question=True),
}


def read_options(where: str, values: Mapping[str, Any]) -> DistrictOptions:
    """Check a district's options; raise SettingsError naming the file and the key at fault."""
    reader = Reader(where, values)
    profile = reader.choice("profile", Profile.RECOMMENDED)
    defaults = DEFAULTS[profile]
    mobile_server, district_code = _read_mobile(reader)
    options = DistrictOptions(
        profile=profile,
        name=reader.text("name"),
        portal_url=reader.url("portal_url"),
        locales=reader.texts("locales", ("en",)),
        time_zone=reader.time_zone("time_zone"),
        account_opening=reader.choice("account_opening", AccountOpening.ACCESS_ID),
        parent_single_sign_on=reader.flag("parent_single_sign_on", default=True),
        lock=_read_lock(reader.group("lock"), defaults),
        password=_read_password(reader.group("password"), defaults),
        recovery_minutes=reader.number("recovery_minutes", 30, 1, MOST_RECOVERY_MINUTES),
        session_idle_minutes=reader.number("session_idle_minutes", 15, 1, 720),
        security_question=reader.flag("security_question", default=defaults.security_question),
        chat_history_days=reader.number("chat_history_days", CHAT_HISTORY_DAYS, LEAST_KEPT, MOST_KEPT),
        case_text_days=reader.number("case_text_days", CASE_TEXT_DAYS, LEAST_KEPT, MOST_KEPT),
        help={school: _read_help(group) for school, group in reader.groups("help").items()},
        mobile_server=mobile_server,
        district_code=district_code,
        class_registration=reader.flag("class_registration", default=True),
        my_data=reader.flag("my_data", default=False),
        school_bulletin=reader.flag("school_bulletin", default=False),
        lunch_balance=reader.flag("lunch_balance", default=False),
        school_map=reader.flag("school_map", default=False),
        plugins=_read_links(reader, "plugins"),
        learning_platforms=_read_links(reader, "learning_platforms"),
        embed_origins=reader.texts("embed_origins", ()),
        pilot_schools=reader.texts("pilot_schools", ()),
        public_base_url=_read_base(reader),
    )
    reader.finish()
    return options


def _read_base(reader: Reader) -> str | None:
    # Links in mails begin with it and with nothing that a request could say of itself.
    key = "public_base_url"
    return reader.url(key).rstrip("/") if reader.text_or_none(key) else None


def _read_mobile(reader: Reader) -> tuple[bool, str | None]:
    is_on, code = reader.flag("mobile_server", default=False), reader.text_or_none("district_code")
    if is_on and not code:
        reader.refuse("district_code", "is missing; mobile_server is on, so parents will ask for it")
    return is_on, code


def _read_lock(reader: Reader, defaults: _Defaults) -> LockOptions:
    lock = LockOptions(
        mode=reader.choice("mode", defaults.mode),
        fails=reader.number("fails", defaults.fails, 1, MOST_FAILS),
        minutes=reader.number("minutes", 15, 1, 1440),
    )
    reader.finish()
    return lock


def _read_password(reader: Reader, defaults: _Defaults) -> PasswordOptions:
    # Passwords that everybody tries first are refused everywhere; a district cannot wish that away.
    if not reader.flag("blocklist", default=True):
        reader.refuse("blocklist", "cannot be turned off; remove the line")
    password = PasswordOptions(
        min_length=reader.number("min_length", defaults.min_length, LEAST_LENGTH, 64),
        upper_and_lower=reader.flag("upper_and_lower", default=False),
        letter_and_number=reader.flag("letter_and_number", default=False),
        special=reader.flag("special", default=False),
        history=reader.number("history", 5, 0, MOST_HISTORY),
        expires_days=reader.number("expires_days", 0, 0, 3650),
    )
    reader.finish()
    return password


def _read_help(reader: Reader) -> HelpContact:
    keys = ("name", "phone", "email", "hours", "wait")
    contact = HelpContact(*(reader.text_or_none(key) for key in keys))
    reader.finish()
    return contact


def _read_links(reader: Reader, key: str) -> tuple[LaunchLink, ...]:
    links = []
    for group in reader.list_of_groups(key):
        links.append(LaunchLink(group.text("name"), group.url("url")))
        group.finish()
    return tuple(links)

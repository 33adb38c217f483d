"""Judge settings: what only follows an older portal, and what puts families at risk."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.doctor.looking import Looked, State
from bot.doctor.telegram import telegram_lines, unsafe_telegram
from bot.mail.smtp import read_mail_from, read_mail_server
from bot.settings import DEMO_KEY, LOOPBACK, Settings
from portal.core.districts import District
from portal.core.errors import SettingsError
from portal.core.options import DistrictOptions, LockMode, PasswordOptions, Profile
from portal.transaction import Portal
from voice.finding import VoicePlaces, find_voice

TODAYS_LENGTH = 15
LONGEST_IDLE = 60
LEAST_API_KEY = 20
# A random key of 32 characters has some twenty different ones; a sentence typed by hand or a repeated
# word has few.
LEAST_DIFFERENT = 12
KEY_FILE = "secret.key"


@dataclass(frozen=True, slots=True)
class DistrictExam:
    """Hold one district's settings, what was given of them, and what is to be said of them."""

    district: District
    given: Mapping[str, Any]
    legacy: tuple[str, ...]
    unsafe: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """Hold what was found; `is_safe` tells whether nothing in it is unsafe or wrong."""

    installation: tuple[tuple[str, str], ...]
    unsafe: tuple[str, ...]
    districts: tuple[DistrictExam, ...]
    looked: tuple[Looked, ...] = ()

    @property
    def is_safe(self) -> bool:
        """Tell whether nothing needs to be mended."""
        is_well = not any(each.state is State.WRONG for each in self.looked)
        return is_well and not self.unsafe and not any(each.unsafe for each in self.districts)


def examine(settings: Settings, portal: Portal) -> Diagnosed:
    """Look at the settings of the installation and of every district; nothing is changed."""
    with portal.begin(read_only=True) as tx:
        found = [(district, tx.districts.given(district.slug)) for district in tx.districts.all()]
    return Diagnosed(
        (*_installation(settings), *telegram_lines(settings, portal)),
        (*_unsafe_here(settings), *unsafe_telegram(settings)),
        tuple(
            DistrictExam(
                district,
                given,
                tuple(legacy(district.options)),
                tuple(_unsafe_district(settings, district.options)),
            )
            for district, given in found
        ),
    )


def legacy(options: DistrictOptions) -> Iterator[str]:
    """Say what a district keeps only because its portal did; today's standards advise against it."""
    if options.profile is not Profile.RECOMMENDED:
        yield f"profile {options.profile.value}: an older portal's rules; today's are `recommended`."
    if options.lock.mode is LockMode.UNTIL_STAFF:
        yield (
            "lock.mode until_staff: whoever types a name wrong often enough locks its parent out until "
            "staff unlock it; `wait` opens by itself."
        )
    yield from _legacy_passwords(options.password)
    if options.security_question:
        yield (
            "security_question: asked and kept, as the portal does; the answer is never enough for "
            "anything, for it can be looked up or guessed."
        )


def _legacy_passwords(password: PasswordOptions) -> Iterator[str]:
    rules = {
        "upper_and_lower": password.upper_and_lower,
        "letter_and_number": password.letter_and_number,
        "special": password.special,
    }
    asked = [f"password.{name}" for name, is_on in rules.items() if is_on]
    if asked:
        yield f"{', '.join(asked)}: rules of composition make passwords harder to keep and no safer."
    if password.expires_days:
        yield (
            f"password.expires_days {password.expires_days}: a password that must be changed without a "
            "reason is changed by a number at its end; 0 turns it off."
        )
    if password.min_length < TODAYS_LENGTH:
        yield (
            f"password.min_length {password.min_length}: a password that is all there is should have at "
            f"least {TODAYS_LENGTH} characters."
        )


def _installation(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "state folder", str(settings.var)
    yield "database", "SQLite" if _is_embedded(settings) else "PostgreSQL"
    yield "key", "HALLPASS_SECRET_KEY" if settings.secret_key else f"{KEY_FILE} in the state folder"
    yield "public address", settings.public_url or "none"
    yield "mail server", _mail_host(settings)
    yield "mail from", settings.mail_from or "none"
    yield "REST key", "set" if settings.api_key else "none: the REST channel is closed"
    yield "voice", _voice(settings)
    yield "mode", "demo" if settings.demo else "in use"


def _voice(settings: Settings) -> str:
    if not settings.voice:
        return "off: HALLPASS_VOICE is not set"
    found = find_voice(VoicePlaces(settings.var, settings.voice_models, settings.voice_voices))
    models = "" if found.ears is None else f"hears with {', '.join(sorted(found.ears.models))}"
    voices = "" if found.mouth is None else f"speaks {', '.join(found.mouth.languages)}"
    return "; ".join(filter(None, (models, voices, *found.notices)))


def _mail_host(settings: Settings) -> str:
    # Only the host: the address holds a password.
    if settings.smtp_url is None:
        return "none"
    try:
        return read_mail_server(settings.smtp_url).host
    except SettingsError:
        return "cannot be read"


def _unsafe_here(settings: Settings) -> Iterator[str]:
    yield from _unsafe_key(settings)
    if settings.demo:
        return
    if stat.S_IMODE(settings.var.stat().st_mode) & 0o077:
        yield (f"The state folder may be read by others on this machine: run chmod 700 {settings.var}.")
    if settings.api_key is not None and (
        settings.api_key == DEMO_KEY or len(settings.api_key) < LEAST_API_KEY
    ):
        yield (
            f"HALLPASS_API_KEY can be guessed: use at least {LEAST_API_KEY} random characters, or leave "
            "it out."
        )
    yield from _unsafe_backup_key(settings)
    yield from _unsafe_mail(settings)


def _unsafe_backup_key(settings: Settings) -> Iterator[str]:
    path = settings.backup_key_file
    if path is not None and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o007:
        yield f"The key of the backups may be read by others on this machine: run chmod o= {path}."


def _unsafe_key(settings: Settings) -> Iterator[str]:
    path = settings.var / KEY_FILE
    if settings.secret_key is not None:
        if len(set(settings.secret_key)) < LEAST_DIFFERENT:
            yield "HALLPASS_SECRET_KEY can be guessed: use at least 32 random characters."
    elif stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield f"The key may be read by others on this machine: run chmod 600 {path}."
    elif _is_beside_the_key(settings) and not settings.demo:
        yield (
            f"The key lies beside the database it protects ({path}): one copied folder gives away both. "
            "Set HALLPASS_SECRET_KEY to what the file holds, from where your other secrets are kept, "
            "and remove the file."
        )


def _unsafe_mail(settings: Settings) -> Iterator[str]:
    if settings.smtp_url is None:
        yield (
            "There is no mail server: nobody can recover a password or confirm an address. Set "
            "HALLPASS_SMTP_URL and HALLPASS_MAIL_FROM."
        )
        return
    try:
        server = read_mail_server(settings.smtp_url)
        read_mail_from(settings.mail_from)
    except SettingsError as error:
        yield str(error)
        return
    if not (server.is_tls or server.starts_tls or server.host in LOOPBACK):
        yield (
            "Mails leave unencrypted, and with them the links that set new passwords: use smtps://, or "
            "leave out starttls=off."
        )


def _unsafe_district(settings: Settings, options: DistrictOptions) -> Iterator[str]:
    yield from _unsafe_address(settings, options)
    if not options.portal_url.startswith("https://"):
        yield f"portal_url {options.portal_url}: parents are sent to a page without HTTPS."
    contact = options.help_at()
    if not contact.phone and not contact.email:
        yield (
            'There is no help contact: "contact your school" leads nowhere. Give help.default a phone or '
            "an email."
        )
    if options.session_idle_minutes > LONGEST_IDLE:
        yield (
            f"session_idle_minutes {options.session_idle_minutes}: a computer that a family walks away "
            f"from stays signed in; {LONGEST_IDLE} is long already."
        )
    for origin in options.embed_origins:
        if not origin.startswith("https://"):
            yield f"embed_origins {origin}: whoever is on the way can put a page around the chat; use HTTPS."


def _unsafe_address(settings: Settings, options: DistrictOptions) -> Iterator[str]:
    address = options.public_base_url or settings.public_url
    if address is None:
        yield (
            "There is no public address: mails cannot carry a link. Set HALLPASS_PUBLIC_URL, or "
            "public_base_url here."
        )
    elif not address.startswith("https://") and not (settings.demo and _is_local(address)):
        yield f"The public address {address} is without HTTPS: passwords cross the network in the clear."


def _is_local(address: str) -> bool:
    return urlsplit(address).hostname in LOOPBACK


def _is_embedded(settings: Settings) -> bool:
    return settings.database_url.startswith("sqlite")


def _is_beside_the_key(settings: Settings) -> bool:
    path = settings.database_url.removeprefix("sqlite:///").partition("?")[0]
    return _is_embedded(settings) and Path(path).resolve().parent == settings.var

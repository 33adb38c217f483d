"""Print the letters of a school at the command line, into one PDF file."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import click

from bot.conversation.yaml_files import Reader, read_yaml
from bot.files.letters import LetterPress, LettersPdf
from bot.files.words import PaperPacks
from bot.letter_office import LetterOffice, Watch, nobody_watches
from bot.settings import Settings
from bot.staff import chosen, who
from portal.core.districts import District
from portal.core.errors import SettingsError
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.onboarding.outcomes import (
    AUTO,
    Layout,
    LetterRun,
    LettersAsked,
    NothingToPrint,
    SchoolLetters,
)
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal, Transaction

CLEAR_LINE = "\x1b[2K"


@dataclass(frozen=True, slots=True)
class WantedLetters:
    """Hold what was typed at the command line."""

    district: str | None
    school: str | None
    student: str | None
    language: str
    is_household: bool
    again: bool
    path: Path


def letter_press(settings: Settings, read_pack: Reader = read_yaml) -> LetterPress:
    """Return what sets letters, with links that lead to this installation."""
    name: list[str | None] = []

    def link(district: District, code: str) -> str:
        base = district.options.public_base_url or settings.public_url
        if base is not None:
            return f"{base.rstrip('/')}/start/{code}"
        # Telegram's library is loaded for letters that lead to a bot, and no others.
        from bot.channels.telegram.profile import bot_link  # noqa: PLC0415
        from bot.telegram_codes import bot_name  # noqa: PLC0415

        if not name:
            name.append(bot_name(settings))
        if name[0] is None:
            raise SettingsError(NO_LINK)
        return bot_link(name[0], code)

    return LetterPress(PaperPacks(settings.data, read_pack), link)


NO_LINK = (
    "The code on a letter has nothing to lead to: set HALLPASS_PUBLIC_URL (or public_base_url in the "
    "district's file), or TELEGRAM_TOKEN, and print again. The letters are kept until then."
)


NOT_IN_PILOT = (
    "Only the schools of pilot_schools take part now, and this is not for one of their families: a letter "
    "would lead to a refusal. Name another school or student, or change pilot_schools."
)
_NOBODY = "No such student is enrolled in {} now: look into the last import."


def print_letters(settings: Settings, portal: Portal, wanted: WantedLetters) -> list[str]:
    """Print into the file, forget what the letters were derived from, and return what is to be told."""
    _refuse_language(settings, wanted.language)
    with _beside(wanted.path) as part:
        run = _begun(portal, wanted)
        if isinstance(run, NothingToPrint):
            return [_nothing(run)]
        member = _operator(run.district)
        with progress() as watch:
            made = LetterOffice(letter_press(settings)).print(portal, member, run.run_id, watch)
        if isinstance(made, Refused):
            message = "Somebody else printed or ended these letters in the meantime: print again."
            raise SettingsError(message)
        # On disk before anything is forgotten: killed here, the same letters are printed once more.
        with part.open("wb") as file:
            file.write(made.content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(wanted.path)
    with portal.begin() as tx:
        tx.letters.finish(member(tx), run.run_id)
    return _told(made, wanted.path)


@contextmanager
def progress() -> Iterator[Watch]:
    """Tell on the terminal how many letters are left; elsewhere nothing."""
    terminal = sys.stderr
    if not terminal.isatty():
        yield nobody_watches
        return
    try:
        yield lambda left: click.echo(f"\r{CLEAR_LINE}letters to print: {left:,}", file=terminal, nl=False)
    finally:
        click.echo(f"\r{CLEAR_LINE}", file=terminal, nl=False)


def _begun(portal: Portal, wanted: WantedLetters) -> LetterRun | NothingToPrint:
    with portal.begin() as tx:
        slug = chosen(wanted.district, [found.slug for found in tx.districts.all()])
        member = _operator(slug)(tx)
        school = _school(tx, member, wanted.school)
        student = _student(tx, slug, wanted.student)
        layout = Layout.HOUSEHOLD if wanted.is_household else Layout.EACH
        asked = LettersAsked(uuid4().hex, school, student, wanted.language, layout, wanted.again)
        begun = tx.letters.ask(member, asked)
    if isinstance(begun, Refused):
        raise SettingsError(NOT_IN_PILOT if begun.reason is Reason.NOT_IN_PILOT else _NOBODY.format(slug))
    return begun


def _school(tx: Transaction, member: StaffMember, named: str | None) -> str:
    if named is None:
        return ""
    schools = tx.letters.schools(member)
    known: tuple[SchoolLetters, ...] = () if isinstance(schools, Refused) else schools
    folded = named.strip().casefold()
    found = [each for each in known if folded in {each.identifier.casefold(), each.name.casefold()}]
    if len(found) == 1:
        return found[0].school_id
    names = ", ".join(f"{each.identifier} ({each.name})" for each in known)
    message = f"There is no school {named!r}: name one of {names or 'those that an import brings'}."
    if tx.districts.get_one(member.district).options.pilot_schools:
        message += " Only the schools of pilot_schools take part now."
    raise SettingsError(message)


def _student(tx: Transaction, slug: str, number: str | None) -> str:
    if number is None:
        return ""
    found = tx.imports.find_student(slug, number)
    if found is None:
        message = f"No student of {slug} has the number {number!r}: look into the last import."
        raise SettingsError(message)
    return found.id


def _operator(slug: str) -> "partial[StaffMember]":
    return partial(_member, slug)


def _member(slug: str, _: Transaction) -> StaffMember:
    # Whoever may run commands on the machine may do all that the district's own administrator may.
    name = who()
    return StaffMember(name, slug, name, "", Role.DISTRICT_ADMINISTRATOR)


def _refuse_language(settings: Settings, language: str) -> None:
    spoken = sorted(pack.parent.name for pack in settings.data.glob("*/language.yml"))
    if language != AUTO and language not in spoken:
        message = f"There is no language pack {language!r}: choose auto or one of {', '.join(spoken)}."
        raise SettingsError(message)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Yield a new file beside the one that is to be written, readable by nobody else.

    It is made before anything is printed: a folder that cannot be written is named while nothing is void.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=".letters-", suffix=".pdf")
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}): choose another place with -o."
        raise SettingsError(message) from None
    os.close(descriptor)
    part = Path(name)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _nothing(found: NothingToPrint) -> str:
    if not found.students:
        return "There is nobody to print a letter for: the last import names no student there."
    return (
        f"Nothing was printed: all {found.students:,} students have a letter. "
        "--again prints new ones for all of them, and those that they have stop working."
    )


def _told(made: LettersPdf, path: Path) -> list[str]:
    lines = [f"{made.letters:,} letters are in {path}. Print them one-sided, then delete the file."]
    if made.left_out:
        lines.append(
            f"{made.left_out:,} letters of this run were left out: newer ones were printed since, or the "
            "students have left, or their schools are not among pilot_schools."
        )
    lines += [
        f"No font here has the letters of {language}, so those letters are in English: install Noto "
        "(Debian: fonts-noto-core, fonts-noto-cjk), and print them again with --again."
        for language in made.in_english
    ]
    if made.unprintable:
        lines.append(f"{made.unprintable:,} names hold signs that no font here has: install Noto for them.")
    return lines

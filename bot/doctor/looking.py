"""Look at what an installation stands on: disk, clock, queues, fonts, backups."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.files.typesetting import prints
from bot.files.words import PaperPacks
from bot.settings import Settings
from bot.watching.backups import newest_backup
from bot.watching.health import LEAST_FREE, LONGEST
from bot.watching.standing import Standing
from portal.core.load import database_seconds
from portal.transaction import Portal

MOST_SKEW = 5.0
OLDEST_BACKUP = 48 * 3600.0
WHERE_TO_LOOK = {
    "inbox": "is hallpass serve running? Look for turn.failed in its log.",
    "outbox": "look for mail_server_away in the log, and run hallpass doctor --connect.",
    "pushes": "look for telegram_away in the log, and run hallpass doctor --connect.",
}


class State(StrEnum):
    """Say how something stands; only what is wrong makes the doctor fail."""

    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Looked:
    """Tell what was looked at, how it stands, and what to do where it is not well."""

    name: str
    state: State
    said: str


def look_here(settings: Settings, portal: Portal, backups: Path | None) -> Iterator[Looked]:
    """Look at everything that needs no network."""
    yield _disk(settings.var)
    yield from _clock(portal)
    yield from _queues(settings, portal)
    yield from _fonts(settings, portal)
    if backups is not None:
        yield _backup(backups, portal.clock.now().timestamp())


def _disk(var: Path) -> Looked:
    free = shutil.disk_usage(var).free
    if free < LEAST_FREE:
        return Looked("disk", State.WRONG, f"{free // 10**6} MB are free beside {var}: make room.")
    return Looked("disk", State.WELL, f"{free / 10**9:.1f} GB free")


def _clock(portal: Portal) -> Iterator[Looked]:
    with portal.begin(read_only=True) as tx:
        theirs = database_seconds(tx.session)
    if theirs is None:
        return
    skew = abs(theirs - portal.clock.now().timestamp())
    if skew > MOST_SKEW:
        said = f"This machine and the database differ by {skew:.0f} seconds: let both keep time by NTP."
        yield Looked("clock", State.WRONG, said)
    else:
        yield Looked("clock", State.WELL, "agrees with the database's")


def _queues(settings: Settings, portal: Portal) -> Iterator[Looked]:
    carried = {"inbox": True, "outbox": settings.smtp_url, "pushes": settings.telegram_token}
    for name, queue in (Standing(portal).queues() or {}).items():
        if carried[name] and queue.seconds > LONGEST[name]:
            said = (
                f"{queue.length} wait, the oldest for {queue.seconds / 60:.0f} minutes: {WHERE_TO_LOOK[name]}"
            )
            yield Looked(name, State.WRONG, said)
        elif carried[name]:
            yield Looked(name, State.WELL, f"{queue.length} wait")


def _fonts(settings: Settings, portal: Portal) -> Iterator[Looked]:
    packs = PaperPacks(settings.data)
    with portal.begin(read_only=True) as tx:
        spoken = {language for district in tx.districts.all() for language in district.options.locales}
    lacking = [each for each in sorted(spoken) if not prints("".join(sorted(packs.words(each).letters)))]
    if lacking:
        said = (
            f"No font here has the letters of {', '.join(lacking)}: their letters are printed in English. "
            "Install fonts-noto-core and fonts-noto-cjk."
        )
        yield Looked("fonts", State.NOTE, said)
    elif spoken:
        yield Looked("fonts", State.WELL, f"letters for {', '.join(sorted(spoken))}")


def _backup(folder: Path, now: float) -> Looked:
    newest = newest_backup(folder)
    if newest is None:
        said = f"There is none in {folder}: run hallpass backup, and look at hallpass-backup.timer."
        return Looked("backup", State.WRONG, said)
    hours = max(0.0, now - newest.made) / 3600
    if hours * 3600 > OLDEST_BACKUP:
        said = f"The newest in {folder} is {hours:.0f} hours old: look at hallpass-backup.timer."
        return Looked("backup", State.WRONG, said)
    if not newest.is_encrypted:
        said = (
            f"The newest is {hours:.0f} hours old and not encrypted: set HALLPASS_BACKUP_KEY_FILE before it "
            "goes anywhere else."
        )
        return Looked("backup", State.NOTE, said)
    return Looked("backup", State.WELL, f"the newest is {hours:.0f} hours old and encrypted")

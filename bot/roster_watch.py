"""Keep a district's roster fresh: import the set again whenever it changed and has come to rest."""

import contextlib
import fcntl
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.importing import import_set, report
from portal.core.errors import ImportRefusedError, PortalError, SettingsError
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.helpdesk.service import cut
from portal.transaction import Portal

# What a set looks like from outside: each file with its size and the moment it was written.
Print = tuple[tuple[str, int, int], ...]
# The first problems are enough to know what went wrong; a dry run prints all of them.
MOST_TOLD = 1500


@dataclass(frozen=True, slots=True)
class Watching:
    """Say what is watched, how somebody is told, and how time passes."""

    district: str
    path: Path
    tell: Callable[[str], None]
    pause: Callable[[], None]


@contextlib.contextmanager
def only_one(var: Path, district: str) -> Iterator[None]:
    """Hold the lock of a district's watch; raise SettingsError where another process holds it.

    The lock ends with the process, however it ends: nothing is left behind to be cleaned up.
    """
    with (var / f"import-{district}.lock").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"Another hallpass import --watch keeps {district} fresh already: stop that one first."
            raise SettingsError(message) from None
        yield


def watch_set(portal: Portal, watching: Watching) -> None:
    """Import the set now and at every change, until whoever started it stops it."""
    done: Print | None = None
    seen: Print | None = None
    watching.tell(f"Watching {watching.path} for {watching.district} (stop it with Ctrl-C).")
    while True:
        found = print_of(watching.path)
        # A set that is still being copied looks different at the next look; half a set is not tried.
        if found and found == seen and found != done and _is_settled(portal, watching):
            done = found
        if found is None and seen is not None:
            watching.tell(f"{watching.path} is gone; what was imported stays.")
        seen = found
        watching.pause()


def print_of(path: Path) -> Print | None:
    """Return what a folder or a ZIP looks like from outside, or None where there is nothing."""
    try:
        files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
        told = [(each.as_posix(), each.stat()) for each in files]
    except OSError:
        # It went while it was looked at, as when a new set is put in its place.
        return None
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in told) or None


def _is_settled(portal: Portal, watching: Watching) -> bool:
    """Import once and tell what came of it; return whether this set needs no other try."""
    try:
        told = _imported(portal, watching)
    except (PortalError, OSError) as error:
        # An outage says nothing about the set: the same one is tried again.
        watching.tell(f"{_now(portal, watching)}: {error} It is tried again.")
        return False
    watching.tell(told)
    return True


def _imported(portal: Portal, watching: Watching) -> str:
    try:
        imported = import_set(portal, watching.district, watching.path, dry_run=False)
    except ImportRefusedError as error:
        number = _pass_on(portal, watching, str(error))
        refused = f"the set was refused (case {number}). {_last(portal, watching)}"
        return f"{_now(portal, watching)}: {refused}\n{error}"
    return "\n".join((f"{_now(portal, watching)}:", *report(imported)))


def _pass_on(portal: Portal, watching: Watching, problems: str) -> int:
    """Open a case for the help desk, for nobody looks at the terminal of a watch; return its number.

    While it is open, what is wrong with the next set is added to it.
    """
    district = watching.district
    with portal.begin() as tx:
        new = NewCase(
            district,
            CaseKind.ROSTER_REFUSED,
            conversation=f"roster:{district}",
            channel="desk",
            details={
                "set": watching.path.name,
                "problems": cut(problems, MOST_TOLD),
                "report": _dry_run(watching),
            },
        )
        return tx.cases.open(new).number


def _dry_run(watching: Watching) -> str:
    """Return the command that prints everything that is wrong with the set."""
    path = str(watching.path.absolute())
    return shlex.join(["hallpass", "import", "--district", watching.district, path, "--dry-run"])


def _now(portal: Portal, watching: Watching) -> str:
    return _told(portal, watching, portal.clock.now())


def _last(portal: Portal, watching: Watching) -> str:
    with portal.begin(read_only=True) as tx:
        last = tx.imports.last(watching.district)
    if last is None:
        return "Nothing was imported so far."
    return f"The last good one stays, of {_told(portal, watching, last.at)}."


def _told(portal: Portal, watching: Watching, at: datetime) -> str:
    with portal.begin(read_only=True) as tx:
        zone = tx.districts.get_one(watching.district).options.time_zone
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"

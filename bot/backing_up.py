"""Write a backup: one archive with the database, the key, the districts' files and what they must be.

The archive may hold what families wrote together with the key that opens it, so it is readable by its owner
alone; with a key of the operator's own it is encrypted on its way to the disk.
"""

import fcntl
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from bot.backup_folder import own_folder
from bot.backup_keys import BackupKey, backup_key
from bot.settings import Settings
from portal.backups import databases
from portal.backups.encrypting import Sealing
from portal.core.clock import SystemClock
from portal.core.database import open_engine, reach
from portal.core.errors import SettingsError
from portal.core.keys import Keys, load_keys

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
KEY = "secret.key"
DISTRICTS = "districts"
BLOCK = 1 << 20
ENCRYPTED = (
    "It is encrypted with the key of {named}: without that key nobody can read it, you neither. Keep the key "
    "in a second place, away from the backups."
)


@dataclass(frozen=True, slots=True)
class Part:
    """Name one file of a backup and what it must be."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Say what a backup is of; `key_check` tells whether a key is the one it was made with."""

    format: int
    made_at: str
    database: str
    revision: str
    key_check: str
    parts: tuple[Part, ...]


def backed_up(settings: Settings, path: Path, *, with_key: bool) -> list[str]:
    """Write a backup and return the lines that say what is in it; a file that is there is never replaced."""
    if path.exists():
        message = f"{path} is there already: name a file that is not, for a backup replaces none."
        raise SettingsError(message)
    if settings.secret_key is None and not (settings.var / KEY).exists():
        message = f"The key is not in {settings.var}: check HALLPASS_VAR and HALLPASS_SECRET_KEY."
        raise SettingsError(message)
    # Before the database is read, so that a place that cannot be written is known at once.
    key = backup_key(settings)
    with written_beside(path) as file, own_folder(settings.var) as folder:
        dumped = folder / DATABASE
        files = {DATABASE: dumped, **_files(settings, with_key=with_key)}
        revision = _dump(settings, dumped)
        manifest = Manifest(
            format=FORMAT,
            made_at=SystemClock().now().isoformat(timespec="seconds"),
            database=databases.kind_of(settings.database_url),
            revision=revision,
            key_check=key_check(load_keys(settings.var, settings.secret_key)),
            parts=tuple(_part(name, file) for name, file in files.items()),
        )
        with _sealed(file, key) as archive:
            _archive(archive, manifest, files)
    return _lines(path, manifest, key)


def key_check(keys: Keys) -> str:
    """Return what tells two keys apart, and nothing of either."""
    return keys.mac("backup").hex()


def digest_of(file: BinaryIO) -> str:
    """Return the SHA-256 of what is left of a file."""
    found = hashlib.sha256()
    while block := file.read(BLOCK):
        found.update(block)
    return found.hexdigest()


def _dump(settings: Settings, path: Path) -> str:
    engine = open_engine(settings.database_url)
    try:
        reach(engine)
        revision = databases.revision(engine)
        if not revision:
            message = "The database has no tables yet: there is nothing to back up."
            raise SettingsError(message)
        databases.dump(settings.database_url, path)
        if databases.revision(engine) != revision:
            message = "The database was upgraded meanwhile: run this again."
            raise SettingsError(message)
    finally:
        engine.dispose()
    return revision


def _files(settings: Settings, *, with_key: bool) -> dict[str, Path]:
    found = {f"{DISTRICTS}/{each.name}": each for each in sorted((settings.var / DISTRICTS).glob("*.yml"))}
    key = settings.var / KEY
    return {**({KEY: key} if with_key and settings.secret_key is None and key.exists() else {}), **found}


def _part(name: str, path: Path) -> Part:
    with path.open("rb") as file:
        return Part(name, path.stat().st_size, digest_of(file))


@contextmanager
def written_beside(path: Path) -> Iterator[BinaryIO]:
    """Write to a file beside it that only its owner reads, and give it its name when it is whole."""
    beside = path.with_name(f"{path.name}.part")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            _take_alone(file, beside, path)
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                _give_name(beside, path)
            finally:
                beside.unlink(missing_ok=True)
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}): mend that, or name another place."
        raise SettingsError(message) from None


def _give_name(beside: Path, path: Path) -> None:
    """Replace nothing, should somebody have put a file there meanwhile."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:
        # Disks of other systems know no second name for a file.
        if path.exists():
            raise
        beside.rename(path)


def _take_alone(file: BinaryIO, beside: Path, path: Path) -> None:
    """Take what an earlier kill left, but never what another backup is writing or has finished just now."""
    message = f"{path} is being written by another backup just now: wait for that one."
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SettingsError(message) from None
    except OSError:
        # A place that knows no locks: what two write there at once is found damaged, not restored.
        pass
    if not _is_still(file, beside):
        # Whoever held the lock has given this very file its name: to empty it would destroy a whole backup.
        raise SettingsError(message)
    os.fchmod(file.fileno(), 0o600)
    file.truncate()


def _is_still(file: BinaryIO, path: Path) -> bool:
    """Tell whether a path still names an open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.lstat())
    except FileNotFoundError:
        return False


@contextmanager
def _sealed(file: BinaryIO, key: BackupKey | None) -> Iterator[Any]:
    """Let what is written be encrypted, if there is a key for it."""
    if key is None:
        yield file
        return
    sealing = Sealing(file, key.secret)
    yield sealing
    sealing.finish()


def _archive(file: Any, manifest: Manifest, files: dict[str, Path]) -> None:
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as archive:
        told = json.dumps(asdict(manifest), indent=2).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(told), 0o600
        archive.addfile(entry, io.BytesIO(told))
        for part in manifest.parts:
            entry = tarfile.TarInfo(part.name)
            entry.size, entry.mode = part.size, 0o600
            with files[part.name].open("rb") as content:
                archive.addfile(entry, content)


def _lines(path: Path, manifest: Manifest, key: BackupKey | None) -> list[str]:
    names = {part.name for part in manifest.parts}
    size = path.stat().st_size
    districts = sum(name.startswith(f"{DISTRICTS}/") for name in names)
    yes = "Whoever has this file can read what families wrote: keep it where the key may be."
    no = "The key is not in it: without HALLPASS_SECRET_KEY, or var/secret.key, nothing in it can be read."
    return [
        f"{path} holds the {manifest.database} database at revision {manifest.revision} and {districts} "
        f"district file(s): {size:,} bytes, for its owner alone.",
        *([] if key is None else [ENCRYPTED.format(named=key.named)]),
        *([yes] if key is None and KEY in names else [no] if KEY not in names else []),
        f"Bring it back into an empty database with: hallpass restore {path}",
    ]

"""Bring a backup back, after all of it was checked; what is there is never replaced."""

import json
import os
import re
import tarfile
import zlib
from pathlib import Path
from typing import Any

from bot.backing_up import DATABASE, DISTRICTS, FORMAT, KEY, MANIFEST, Manifest, Part, digest_of, key_check
from bot.backup_folder import own_folder
from bot.backup_keys import BY_FILE, BY_VALUE, backup_key
from bot.settings import Settings
from portal.backups import databases
from portal.backups.encrypting import decrypt, is_encrypted
from portal.core.audit import ChainBroken
from portal.core.database import open_engine, reach
from portal.core.errors import SettingsError
from portal.core.keys import Keys
from portal.migrations import head

# Nothing else is ever taken out of an archive, whatever it names.
KNOWN = re.compile(rf"{DATABASE}|{re.escape(KEY)}|{DISTRICTS}/[a-z0-9][a-z0-9_-]*\.yml")
# No part has that name.
OPENED = "opened.tgz"
MOST_MANIFEST = 1 << 20
# What reading a damaged archive may end with.
BROKEN = (tarfile.TarError, zlib.error, OSError, EOFError, KeyError, ValueError, TypeError)


def restored(settings: Settings, path: Path) -> list[str]:
    """Check a backup, bring it back, and return the lines that say what is there now."""
    with own_folder(settings.var) as folder:
        manifest = _unpacked(_decrypted(settings, path, folder), path, folder)
        _require_place(settings, manifest)
        _require_key(settings, manifest, folder)
        # The database comes last and whole: whoever is killed before it starts again.
        _put_files(settings, manifest, folder)
        databases.load(settings.database_url, folder / DATABASE)
    return [
        f"The {manifest.database} database of {manifest.made_at} is back, with "
        f"{len(manifest.parts) - 1} file(s) of the state folder.",
        f"Families who were forgotten after {manifest.made_at} are in it again: forget them again.",
        *_checked(settings),
    ]


def _decrypted(settings: Settings, path: Path, folder: Path) -> Path:
    """Return the archive itself, all of it opened before any of it is looked into."""
    key = backup_key(settings)
    if not is_encrypted(path):
        if key is not None:
            # Whoever can write to the place of the backups could have put one of their own there.
            message = (
                f"{path} is not encrypted, and {key.named} is set: nothing was changed. If you know that it "
                "is your own, from before, restore it without that setting."
            )
            raise SettingsError(message)
        return path
    if key is None:
        message = f"{path} is encrypted: set {BY_FILE} or {BY_VALUE} to the key that it was made with."
        raise SettingsError(message)
    opened = folder / OPENED
    decrypt(path, key.secret, opened, named=key.named)
    return opened


def _unpacked(opened: Path, path: Path, folder: Path) -> Manifest:
    """Take the parts out of the archive, each checked against the manifest."""
    try:
        with tarfile.open(opened, "r:gz") as archive:
            manifest = _manifest(archive)
            for part in manifest.parts:
                _take(archive, part, folder / part.name)
    except BROKEN as error:
        message = f"{path} is no whole backup of Hallpass ({type(error).__name__}): nothing was changed."
        raise SettingsError(message) from None
    (folder / OPENED).unlink(missing_ok=True)
    return manifest


def _manifest(archive: tarfile.TarFile) -> Manifest:
    file = archive.extractfile(MANIFEST)
    told: dict[str, Any] = json.loads(file.read(MOST_MANIFEST) if file else b"")
    if told["format"] != FORMAT:
        message = "The backup was made by another version of Hallpass: restore it with that one."
        raise SettingsError(message)
    parts = tuple(Part(**part) for part in told.pop("parts"))
    if not all(KNOWN.fullmatch(part.name) for part in parts) or DATABASE not in {each.name for each in parts}:
        raise ValueError
    return Manifest(**told, parts=parts)


def _take(archive: tarfile.TarFile, part: Part, target: Path) -> None:
    source = archive.extractfile(part.name)
    if source is None:
        raise ValueError
    target.parent.mkdir(exist_ok=True)
    with target.open("wb") as file:
        left = part.size
        while left and (block := source.read(min(left, 1 << 20))):
            file.write(block)
            left -= len(block)
    with target.open("rb") as file:
        if left or digest_of(file) != part.sha256:
            message = (
                f"{part.name} in the backup is not what was written: it is damaged, nothing was changed."
            )
            raise SettingsError(message)


def _require_place(settings: Settings, manifest: Manifest) -> None:
    """Refuse a backup of another kind or of a newer version, and a database that holds anything."""
    kind = databases.kind_of(settings.database_url)
    if manifest.database != kind:
        message = f"The backup is of {manifest.database}, and HALLPASS_DATABASE_URL names {kind}."
        raise SettingsError(message)
    if manifest.revision > head():
        message = (
            f"The backup is of a newer version of Hallpass (revision {manifest.revision}, this version knows "
            f"{head()}): restore it with that version."
        )
        raise SettingsError(message)
    engine = open_engine(settings.database_url)
    try:
        reach(engine)
        is_empty = databases.is_empty(engine)
    finally:
        engine.dispose()
    if not is_empty:
        message = (
            "The database holds tables already, and a restore replaces nothing: name an empty one with "
            "HALLPASS_DATABASE_URL, or another HALLPASS_VAR, or move the old one away."
        )
        raise SettingsError(message)


def _require_key(settings: Settings, manifest: Manifest, folder: Path) -> None:
    """Refuse where what families wrote could not be read afterwards."""
    found = (folder / KEY, settings.var / KEY)
    given = settings.secret_key.encode() if settings.secret_key else None
    secret = given or next((each.read_bytes() for each in found if each.exists()), None)
    if secret is None or key_check(Keys(secret)) != manifest.key_check:
        message = (
            "The key of the backup is not here, and without it nothing can be read: set HALLPASS_SECRET_KEY "
            "to the one it was made with, or put that secret.key into the state folder."
        )
        raise SettingsError(message)


def _put_files(settings: Settings, manifest: Manifest, folder: Path) -> None:
    names = [part.name for part in manifest.parts if part.name != DATABASE]
    for name in names:
        there = settings.var / name
        if there.exists() and there.read_bytes() != (folder / name).read_bytes():
            message = f"{there} is there and is another: move it away, for a restore replaces nothing."
            raise SettingsError(message)
    for name in names:
        there = settings.var / name
        there.parent.mkdir(mode=0o700, exist_ok=True)
        beside = there.with_name(f"{there.name}.restoring")
        beside.write_bytes((folder / name).read_bytes())
        beside.chmod(0o600)
        os.replace(beside, there)  # noqa: PTH105  (in one step)


def _checked(settings: Settings) -> list[str]:
    """Bring the tables up to this version and look whether the audit of every district is whole."""
    from bot.bootstrap import opened_portal  # noqa: PLC0415  (only here: everything before needs none of it)

    lines = []
    with opened_portal(settings) as portal, portal.begin(read_only=True) as tx:
        for district in tx.districts.all():
            found = tx.audit.verify(district.slug)
            if isinstance(found, ChainBroken):
                message = f"The audit of {district.slug} is broken at row {found.number}: do not use this."
                raise SettingsError(message)
            lines.append(f"The audit of {district.slug} is whole: {found.count} row(s).")
    return lines

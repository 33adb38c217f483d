"""Find the key that backups are encrypted with; it is the operator's own, and no other key leads to it."""

from dataclasses import dataclass

from bot.settings import Settings
from portal.backups.encrypting import LEAST_KEY
from portal.core.errors import SettingsError
from portal.core.secret import Secret

BY_VALUE, BY_FILE = "HALLPASS_BACKUP_KEY", "HALLPASS_BACKUP_KEY_FILE"


@dataclass(frozen=True, slots=True)
class BackupKey:
    """Hold the key, and the name of the setting that said it."""

    secret: Secret
    named: str


def backup_key(settings: Settings) -> BackupKey | None:
    """Return the key; None where backups are not to be encrypted. Raises SettingsError where it is no good.

    Only what writes or reads a backup looks for it: whoever serves need not be able to read the file.
    """
    if settings.backup_key and settings.backup_key_file:
        message = f"{BY_VALUE} and {BY_FILE} are both set: leave one of them out."
        raise SettingsError(message)
    if settings.backup_key_file is not None:
        return _checked(_read(settings), BY_FILE)
    return None if settings.backup_key is None else _checked(settings.backup_key, BY_VALUE)


def _read(settings: Settings) -> str:
    try:
        return settings.backup_key_file.read_text() if settings.backup_key_file else ""
    except (OSError, UnicodeDecodeError) as error:
        message = f"{BY_FILE} names no file that can be read as text ({type(error).__name__}): check it."
        raise SettingsError(message) from None


def _checked(value: str, named: str) -> BackupKey:
    # The line's end is the editor's, and no part of the key.
    key = value.strip()
    if len(key) < LEAST_KEY:
        message = f"{named} is too short to keep a backup closed: use at least {LEAST_KEY} random characters."
        raise SettingsError(message)
    return BackupKey(Secret(key), named)

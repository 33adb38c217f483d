"""Read a whole database as whoever holds it and its key could, in search of words."""

from collections.abc import Iterable
from pathlib import Path

from cryptography.fernet import InvalidToken
from sqlalchemy import Engine

from portal.core.keys import Keys
from portal.migrations.tables import METADATA


def tables_with(engine: Engine, keys: Keys, words: Iterable[str]) -> dict[str, set[str]]:
    """Return which of the words stand in which tables, also inside of what is encrypted."""
    sought = set(words)
    found: dict[str, set[str]] = {}
    with engine.connect() as connection:
        for table in METADATA.sorted_tables:
            for row in connection.execute(table.select()):
                hits = {word for word in sought if any(word in _plain(keys, value) for value in row)}
                if hits:
                    found.setdefault(table.name, set()).update(hits)
    return found


def files_with(folder: Path, name: str, words: Iterable[str]) -> set[str]:
    """Return which of the words stand as they are in a file or in what the database keeps beside it."""
    raw = b"\n".join(path.read_bytes() for path in folder.glob(f"{name}*"))
    return {word for word in words if word.encode() in raw}


def _plain(keys: Keys, value: object) -> str:
    if not isinstance(value, (bytes, memoryview)):
        return str(value)
    try:
        return keys.decrypt(bytes(value)).decode()
    except (InvalidToken, UnicodeDecodeError):
        return bytes(value).hex() + bytes(value).decode("latin-1")

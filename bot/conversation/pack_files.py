"""Read the files of the language packs, and keep what they say where the next start finds it at once."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from bot.conversation.yaml_files import Located, parse_yaml, plain

Kept = dict[str, Any]

FILE = "packs.json"
# Raise it whenever something else is kept of a file, so that what is stored is made anew.
_FORMAT = 1
_KEY = 64
_LEARNT_FROM = "nlu"


@dataclass(frozen=True, slots=True)
class Stored:
    """Hold what a start before has stored, and where in it each file's line is.

    A line is read when its file is: all of them at once would take three times the memory.
    """

    lines: bytes = b""
    places: Mapping[bytes, slice] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: bytes) -> Self:
        """Find the lines, each with its key before it."""
        places, start = {}, 0
        while start < len(lines):
            end = lines.index(b"\n", start)
            places[lines[start : start + _KEY]] = slice(start + _KEY, end)
            start = end + 1
        return cls(lines, places)

    def line(self, key: bytes) -> bytes | None:
        """Return the line of a file, if there is one."""
        return self.lines[self.places[key]] if key in self.places else None


class PackFiles:
    """Read each file of the packs once; what has not changed since the last start is not parsed again.

    Examples are left out: whoever answers needs none, they are learnt from in a process of their own. So are
    the lines that things stand on: a check names them, and a check reads the files themselves.
    """

    def __init__(self, state: Path) -> None:
        """Take the folder of the state; nothing is read yet."""
        self._place = state / FILE
        self._stored: Stored | None = None
        self._files: dict[bytes, Kept] = {}

    def read(self, path: Path) -> Located:
        """Return what a file says; raise ProjectFileError where it is not readable."""
        if self._stored is None:
            self._stored = _stored(self._place)
        written = path.read_bytes()
        # Told by its bytes: the time of a file says little where it was copied, unpacked or restored.
        key = hashlib.sha256(written).hexdigest().encode()
        if key not in self._files:
            line = self._stored.line(key)
            self._files[key] = json.loads(line) if line else _kept_of(parse_yaml(written, path))
        return _without_lines(self._files[key])

    def put_away(self) -> None:
        """Store what was read, where any of it is new, and let go of it."""
        stored, files = self._stored, self._files
        self._stored, self._files = None, {}
        if stored is not None and any(stored.line(key) is None for key in files):
            _store(self._place, files)


def _kept_of(content: Located) -> Kept:
    return {name: plain(section) for name, section in content.items() if name != _LEARNT_FROM}


def _without_lines(kept: Kept) -> Located:
    sections = {name: _placeless(section) for name, section in kept.items() if isinstance(section, dict)}
    return _placeless(kept | sections)


def _placeless(content: Mapping[str, Any]) -> Located:
    found = Located(content)
    found.line, found.lines, found.items_lines = 0, {}, {}
    return found


def _stored(place: Path) -> Stored:
    """Return what is stored; nothing where that is not there, not whole, or of another version."""
    try:
        checksum, _, lines = place.read_bytes().partition(b"\n")
    except OSError:
        return Stored()
    return Stored.of(lines) if checksum == _checksum(lines) else Stored()


def _store(place: Path, files: Mapping[bytes, Kept]) -> None:
    """Write under a temporary name, then move into place in one step: of two starts at once one stays, whole.

    Where it cannot be written, the next start parses the packs again, nothing else.
    """
    lines = b"".join(key + line + b"\n" for key, kept in files.items() if (line := _line(kept)))
    with contextlib.suppress(OSError):
        handle, temporary = tempfile.mkstemp(dir=place.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_checksum(lines) + b"\n" + lines)
            Path(temporary).replace(place)
        finally:
            Path(temporary).unlink(missing_ok=True)


def _line(kept: Kept) -> bytes:
    """Return it as JSON: plain data, so that a stored file can never run code.

    Nothing where JSON does not give back what it is given: a date would come back as a text.
    """
    try:
        line = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, ValueError):
        return b""
    return line if json.loads(line) == kept else b""


def _checksum(lines: bytes) -> bytes:
    return hashlib.sha256(b"packs %d\n" % _FORMAT + lines).hexdigest().encode()

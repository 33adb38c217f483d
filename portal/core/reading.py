"""Read settings strictly: a wrong value or an unknown key names its file, its line and its place."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NoReturn, Protocol, TypeVar, runtime_checkable
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.core.errors import SettingsError

Choice = TypeVar("Choice", bound=StrEnum)


@runtime_checkable
class Located(Protocol):
    """Know on which line of its file each key of a mapping stands."""

    def at(self, key: Any, /) -> int:
        """Return the line of a key, else the line on which the mapping starts."""


class Reader:
    """Take values out of one group of settings and remember which were asked for."""

    def __init__(self, where: str, values: object, path: str = "", line: int | None = None) -> None:
        """Start on a mapping; `where` is the file, `path` and `line` are this group's place inside it."""
        self._where = where
        self._path = path
        self._line = line
        self._asked: set[str] = set()
        if not isinstance(values, Mapping):
            self._raise(line, f"{path} must be a group of settings (key: value)")
        self._values: Mapping[Any, Any] = values

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise SettingsError for one key."""
        inside = f"{self._path}: " if self._path else ""
        self._raise(self._line_of(key), f"{inside}{key} {why}")

    def finish(self) -> None:
        """Raise SettingsError if a key was given that nobody asked for."""
        unknown = sorted(str(key) for key in self._values if key not in self._asked)
        if unknown:
            self.refuse(unknown[0], f"is not a setting; known here: {', '.join(sorted(self._asked))}")

    def text(self, key: str) -> str:
        """Return a text that must be there."""
        return self.text_or_none(key) or self.refuse(key, "is missing")

    def text_or_none(self, key: str) -> str | None:
        """Return a text, or None when it is absent or empty."""
        value = self._take(key, "")
        if not isinstance(value, str):
            self.refuse(key, f"must be text, in quotation marks; it is {value!r}")
        return value.strip() or None

    def url(self, key: str) -> str:
        """Return an address that begins with http:// or https://."""
        value = self.text(key)
        if not _is_address(value):
            self.refuse(key, f"must be an address such as https://portal.example.org; it is {value!r}")
        return value

    def time_zone(self, key: str) -> str:
        """Return the name of a time zone that this machine knows."""
        value = self.text(key)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.refuse(key, f"must be a time zone such as America/New_York; it is {value!r}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return on or off."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            self.refuse(key, f"must be true or false; it is {value!r}")
        return value

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """Return a whole number within its bounds."""
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.refuse(key, f"must be a whole number from {least} to {most}; it is {value!r}")
        return value

    def choice(self, key: str, default: Choice) -> Choice:
        """Return one of the known values, which are those of the default's kind."""
        value = self._take(key, default.value)
        known = [each.value for each in type(default)]
        if value not in known:
            self.refuse(key, f"must be one of {', '.join(known)}; it is {value!r}")
        return type(default)(value)

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._take(key, list(default))
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            self.refuse(key, f"must be a list of texts; it is {value!r}")
        return tuple(value)

    def group(self, key: str) -> "Reader":
        """Return the reader of a group inside this one."""
        return Reader(self._where, self._take(key, {}), self._inside(key), self._line_of(key))

    def groups(self, key: str) -> dict[str, "Reader"]:
        """Return one reader for each entry of a group whose keys are free, as text."""
        inner = self.group(key)
        groups = {str(each): inner.group(each) for each in inner.given()}
        if len(groups) < len(inner.given()):
            self.refuse(key, "has one name twice, with and without quotation marks")
        return groups

    def given(self) -> list[Any]:
        """Return the keys that were given."""
        return list(self._values)

    def list_of_groups(self, key: str) -> list["Reader"]:
        """Return one reader for each group in a list."""
        value = self._take(key, [])
        if not isinstance(value, list):
            self.refuse(key, f"must be a list; it is {value!r}")
        line = self._line_of(key)
        return [
            Reader(self._where, each, self._inside(f"{key}[{place}]"), line)
            for place, each in enumerate(value)
        ]

    def _take(self, key: str, default: Any) -> Any:
        self._asked.add(key)
        return self._values.get(key, default)

    def _inside(self, key: str) -> str:
        return f"{self._path}: {key}" if self._path else key

    def _line_of(self, key: str) -> int | None:
        return self._values.at(key) if isinstance(self._values, Located) else self._line

    def _raise(self, line: int | None, what: str) -> NoReturn:
        place = self._where if line is None else f"{self._where}, line {line}"
        message = f"{place}: {what}."
        raise SettingsError(message)


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)

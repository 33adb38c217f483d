"""Lay what a district changed in the console over what its file says; the file stays the base."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any

from portal.core.errors import SettingsError
from portal.core.options import DistrictOptions, read_options

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Override:
    """Keep one option as the console set it; `base` is what the file said then, None for nothing.

    `by` names who set it as the audit does, `at` is the moment in ISO 8601.
    """

    path: Path
    value: Any
    base: Any
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Effective:
    """Hold what counts: the options, how they were given, and the overrides that were set aside.

    One is set aside when it no longer goes with the file: a district must start with the file it has.
    """

    options: DistrictOptions
    given: Mapping[str, Any]
    aside: tuple[Path, ...] = ()


def read_overlay(text: str) -> list[Override]:
    """Return the overrides that a district's row keeps."""
    return [Override(**{**each, "path": tuple(each["path"])}) for each in json.loads(text)]


def write_overlay(overrides: Iterable[Override]) -> str:
    """Return overrides as a district's row keeps them."""
    return json.dumps([asdict(each) for each in overrides], ensure_ascii=False, sort_keys=True)


def laid_over(where: str, given: Mapping[str, Any], overrides: Sequence[Override]) -> Effective:
    """Return what counts; raise SettingsError only where the file itself cannot be used."""
    merged, aside = merge(
        given, [(each.path, each.value) for each in overrides], lambda values: read_options(where, values)
    )
    return Effective(read_options(where, merged), merged, tuple(aside))


def merge(
    given: Mapping[str, Any],
    changes: Sequence[tuple[Path, Any]],
    read: Callable[[Mapping[str, Any]], object],
) -> tuple[dict[str, Any], list[Path]]:
    """Return the options with the changes in them, and which of the changes cannot be used with the rest."""
    everything = deepcopy(dict(given))
    for path, value in changes:
        put(everything, path, value)
    if _is_usable(everything, read):
        return everything, []
    merged, refused = deepcopy(dict(given)), []
    for path, value in changes:
        tried = deepcopy(merged)
        put(tried, path, value)
        if _is_usable(tried, read):
            merged = tried
        else:
            refused.append(path)
    return merged, refused


def taken(values: Mapping[str, Any], path: Path) -> Any:
    """Return what stands under a path, or None."""
    found: Any = values
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def put(values: dict[str, Any], path: Path, value: Any) -> None:
    """Write a value under a path."""
    group = values
    for key in path[:-1]:
        inner = group.get(key)
        group[key] = inner if isinstance(inner, dict) else {}
        group = group[key]
    group[path[-1]] = value


def _is_usable(values: Mapping[str, Any], read: Callable[[Mapping[str, Any]], object]) -> bool:
    try:
        read(values)
    except SettingsError:
        return False
    return True

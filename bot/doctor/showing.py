"""Write what the doctor found as lines of at most 80 columns."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from bot.doctor.judging import Diagnosed, DistrictExam
from bot.doctor.looking import State
from portal.core.options import LaunchLink

WIDTH = 80
NAME = 30
FROM = 8
# What a profile decides where the file says nothing; everything else has one default for all.
BY_PROFILE = frozenset(
    {("lock", "mode"), ("lock", "fails"), ("password", "min_length"), ("security_question",)}
)


def sheet(found: Diagnosed) -> Iterator[str]:
    """Return the whole report, line by line."""
    yield "This installation"
    for name, value in found.installation:
        yield from _row(name, "", value)
    for each in found.looked:
        if each.state is State.WELL:
            yield from _row(each.name, "", each.said)
    for title, state in (("Wrong", State.WRONG), ("Worth a look", State.NOTE)):
        yield from _said(title, [f"{e.name}: {e.said}" for e in found.looked if e.state is state])
    yield from _said("Unsafe", found.unsafe)
    if not found.districts:
        yield ""
        yield "There is no district yet: write districts/<name>.yml in the state folder."
    for exam in found.districts:
        yield from _district(exam)
    yield ""
    yield from textwrap.wrap(_verdict(found), WIDTH)


def as_values(found: Diagnosed) -> dict[str, Any]:
    """Return the findings as values for a program."""
    return {
        "safe": found.is_safe,
        "installation": dict(found.installation),
        "unsafe": list(found.unsafe),
        "looked": [
            {"name": each.name, "state": each.state.value, "said": each.said} for each in found.looked
        ],
        "districts": {
            exam.district.slug: {"legacy": list(exam.legacy), "unsafe": list(exam.unsafe)}
            for exam in found.districts
        },
    }


def _district(exam: DistrictExam) -> Iterator[str]:
    options = exam.district.options
    yield ""
    yield from textwrap.wrap(f"{exam.district.slug}: {options.name}", WIDTH)
    yield from _row("setting", "from", "value")
    for path, value in _settings((), options):
        if path != ("name",):
            yield from _row(".".join(path), _origin(path, exam.given), _written(value))
    yield from _said("Legacy", exam.legacy)
    yield from _said("Unsafe", exam.unsafe)


def _settings(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    # An option that nobody gave inside an open group (a school's fax) is not worth a line.
    if isinstance(value, Mapping):
        for key, inner in value.items():
            for place, found in _settings((*path, key), inner):
                if found is not None:
                    yield place, found
    elif is_dataclass(value):
        for field in fields(value):
            yield from _settings((*path, field.name), getattr(value, field.name))
    else:
        yield path, value


def _origin(path: tuple[str, ...], given: Mapping[str, Any]) -> str:
    inside: Any = given
    for key in path:
        if not isinstance(inside, Mapping) or key not in inside:
            return "profile" if path in BY_PROFILE else "default"
        inside = inside[key]
    return "file"


def _written(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "on" if value else "off"
        case Enum():
            return str(value.value)
        case LaunchLink(name, url):
            return f"{name} {url}"
        case tuple():
            return ", ".join(map(_written, value)) or "none"
        case _:
            return str(value)


def _row(name: str, origin: str, value: str) -> Iterator[str]:
    indent = 2 + NAME + FROM
    head = f"  {name:<{NAME - 1}} {origin:<{FROM - 1}} "
    room = WIDTH - indent
    # A long name or a long word (an address) gets lines of its own, so that it can be copied whole.
    if len(head) > indent or any(len(word) > room for word in value.split()):
        yield head.rstrip()
        yield from textwrap.wrap(value, WIDTH - 6, initial_indent=" " * 6, subsequent_indent=" " * 6)
        return
    first, *more = textwrap.wrap(value, room)
    yield head + first
    yield from (" " * indent + line for line in more)


def _said(title: str, sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        yield f"  {title}:"
    for sentence in sentences:
        yield from textwrap.wrap(sentence, WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _verdict(found: Diagnosed) -> str:
    count = len(found.unsafe) + sum(len(exam.unsafe) for exam in found.districts)
    wrong = sum(each.state is State.WRONG for each in found.looked)
    if wrong:
        return f"{wrong} thing(s) are wrong, {count} unsafe: mend them and run hallpass doctor again."
    if not count:
        return "Nothing is unsafe."
    return f"{count} thing(s) are unsafe: mend what stands under Unsafe and run hallpass doctor again."

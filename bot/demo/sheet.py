"""Keep `demo.json`, the sheet that names every made-up parent with what signs them in."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

SHEET = "demo.json"


class Situation(StrEnum):
    """Name what a made-up parent is there to show."""

    OK = "ok"
    LOCKED = "locked"
    TEMPORARY_PASSWORD = "temporary_password"  # noqa: S105  (the name of a situation)
    EXPIRED_PASSWORD = "expired_password"  # noqa: S105  (the name of a situation)
    NO_EMAIL = "no_email"
    BARRED = "barred"
    NO_ACCOUNT = "no_account"


@dataclass(frozen=True, slots=True)
class DemoChild:
    """Name one child and what links it to an account."""

    name: str
    student_id: str
    access_id: str
    access_password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class DemoParent:
    """Name one made-up parent; without an account, the name and password that they would choose."""

    district: str
    username: str
    password: str = field(repr=False)
    email: str | None
    children: tuple[DemoChild, ...]
    situation: Situation


@dataclass(frozen=True, slots=True)
class Demo:
    """Hold everybody of the demo; each of the staff with what signs them in."""

    parents: tuple[DemoParent, ...]
    staff: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)


def write_sheet(folder: Path, demo: Demo) -> None:
    """Replace the sheet in the state folder, readable by its owner alone."""
    write_private(folder / SHEET, asdict(demo))


def read_sheet(folder: Path) -> Demo | None:
    """Return the sheet, or None when there is none yet."""
    path = folder / SHEET
    if not path.exists():
        return None
    read = json.loads(path.read_text(encoding="utf-8"))
    return Demo(tuple(_parent(entry) for entry in read["parents"]), tuple(read["staff"]))


def write_private(path: Path, content: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write JSON in one step (all of it or the old file), mode 0600."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
        file.write("\n")
    draft.replace(path)


def _parent(entry: Mapping[str, Any]) -> DemoParent:
    return DemoParent(
        district=entry["district"],
        username=entry["username"],
        password=entry["password"],
        email=entry["email"],
        children=tuple(DemoChild(**child) for child in entry["children"]),
        situation=Situation(entry["situation"]),
    )

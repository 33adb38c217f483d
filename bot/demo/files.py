"""Read what a made-up district brings beside its student information."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.demo.sheet import Situation
from bot.demo.shifting import DemoDates
from bot.settings import DEMO_DISTRICT
from portal.core.secret import Secret

OPTIONS = "district.yml"


@dataclass(frozen=True, slots=True)
class PlannedParent:
    """Describe one parent of `parents.yml`; `children` pairs a student's identifier with the relation."""

    contact: str
    name: str
    username: str
    password: Secret
    situation: Situation
    children: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DistrictFiles:
    """Hold what was read of one made-up district's folder; `fingerprint` covers its imported files."""

    slug: str
    folder: Path
    fingerprint: str
    dates: DemoDates
    parents: tuple[PlannedParent, ...]
    staff: tuple[Mapping[str, Any], ...]


def read_districts(data: Path) -> list[DistrictFiles]:
    """Return every made-up district below the folder: the one a visitor meets first, then by slug."""
    found = [_read(options.parent) for options in data.glob(f"*/{OPTIONS}")]
    return sorted(found, key=lambda files: (files.slug != DEMO_DISTRICT, files.slug))


def _read(folder: Path) -> DistrictFiles:
    people = yaml.load((folder / "parents.yml").read_bytes(), Loader=yaml.CSafeLoader)
    dates = people["dates"]
    return DistrictFiles(
        slug=folder.name,
        folder=folder,
        fingerprint=_fingerprint(folder),
        dates=DemoDates(dates["anchor"], dates["current_term_starts"], dates["current_term_ends"]),
        parents=tuple(_planned(entry) for entry in people["parents"]),
        staff=tuple({"district": folder.name, **entry} for entry in people["staff"]),
    )


def _planned(entry: Mapping[str, Any]) -> PlannedParent:
    return PlannedParent(
        contact=entry["contact"],
        name=entry["name"],
        username=entry["username"],
        password=Secret(entry["password"]),
        situation=Situation(entry["situation"]),
        children=tuple((child["student"], child["relation"]) for child in entry["children"]),
    )


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        digest.update(hashlib.sha256(path.name.encode()).digest())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()

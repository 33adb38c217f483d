"""Keep the districts and their options."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.errors import PortalError, SettingsError
from portal.core.models import DistrictRow
from portal.core.options import DistrictOptions, read_options
from portal.core.overlay import Effective, Override, laid_over, read_overlay, write_overlay

NOTHING = "[]"
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,38}[a-z0-9]")
# A district's pages live under its slug, so a slug must not hide one of the program's own routes.
RESERVED = frozenset(
    {"calendar", "chat", "files", "health", "helpdesk", "metrics", "model", "outbox", "public"}
    | {"secret", "start", "static", "telegram", "unsubscribe", "webhooks"}
)


@dataclass(frozen=True, slots=True)
class District:
    """Name one district with its options."""

    slug: str
    options: DistrictOptions


@dataclass(frozen=True, slots=True)
class Configured:
    """Hold how a district came to its options: the file, what the console laid over it, what counts.

    `version` counts the edits of the console, so that two at once do not overwrite each other.
    """

    file: Mapping[str, Any]
    overrides: tuple[Override, ...]
    counts: Effective
    version: int


class Districts:
    """Find districts and apply their options."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def get(self, slug: str) -> District | None:
        """Return the district, or None when there is none of that slug."""
        row = self._context.session.get(DistrictRow, slug)
        self._context.kept.append(row)
        return None if row is None else _district(row)

    def get_one(self, slug: str) -> District:
        """Return a district that must be there; raise PortalError when it is not."""
        district = self.get(slug)
        if district is None:
            message = f"There is no district {slug}."
            raise PortalError(message)
        return district

    def given(self, slug: str) -> Mapping[str, Any]:
        """Return a district's options as they were given, without any default."""
        return self.configured(slug).counts.given

    def configured(self, slug: str, *, to_edit: bool = False) -> Configured:
        """Return how a district came to its options; `to_edit` keeps others from editing them meanwhile."""
        row = self._context.session.get_one(
            DistrictRow, slug, with_for_update=to_edit, populate_existing=to_edit
        )
        counts = _effective(slug, row.options, row.overlay)
        return Configured(json.loads(row.options), tuple(read_overlay(row.overlay)), counts, row.version)

    def lay_over(self, slug: str, overrides: Iterable[Override]) -> None:
        """Replace what the console laid over the district's file; what counts is read anew from here on."""
        row = self._context.session.get_one(DistrictRow, slug)
        row.overlay = write_overlay(overrides)
        row.version += 1
        self._context.session.flush()

    def all(self) -> list[District]:
        """Return every district, ordered by slug."""
        rows = self._context.session.scalars(select(DistrictRow).order_by(DistrictRow.district_id))
        return [_district(row) for row in rows]

    def apply(self, slug: str, options: Mapping[str, Any], content_hash: str) -> bool:
        """Write the options when their hash changed; return whether they were written.

        Raises SettingsError, and writes nothing, for an unusable slug or option.
        """
        row = self._context.session.get(DistrictRow, slug)
        if row is not None and row.content_hash == content_hash:
            return False
        _check_slug(slug)
        profile = read_options(_where(slug), options).profile.value
        if row is None:
            row = DistrictRow(district_id=slug, overlay=NOTHING, version=0)
            self._context.session.add(row)
        row.options = json.dumps(dict(options), ensure_ascii=False, sort_keys=True)
        row.content_hash = content_hash
        row.applied_at = self._context.now
        self._context.session.flush()
        # A district on an older portal's rules is named in the audit with them.
        Audit(self._context).record(slug, AuditEvent.DISTRICT_CONFIGURED, profile=profile)
        return True


def _where(slug: str) -> str:
    return f"districts/{slug}.yml"


def _check_slug(slug: str) -> None:
    if not SLUG.fullmatch(slug) or slug in RESERVED:
        message = f"{_where(slug)}: the file's name must be small letters, digits and hyphens, and no page's."
        raise SettingsError(message)


def _district(row: DistrictRow) -> District:
    return District(row.district_id, _effective(row.district_id, row.options, row.overlay).options)


@lru_cache(maxsize=256)
def _effective(slug: str, options: str, overlay: str) -> Effective:
    # The same texts always mean the same options, so reading them once a process is enough.
    return laid_over(_where(slug), json.loads(options), read_overlay(overlay))

"""Keep the districts and their options."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.errors import PortalError, SettingsError
from portal.core.models import DistrictRow
from portal.core.options import DistrictOptions, read_options

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


class Districts:
    """Find districts and apply their options."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def get(self, slug: str) -> District | None:
        """Return the district, or None when there is none of that slug."""
        row = self._context.session.get(DistrictRow, slug)
        self._context.kept.append(row)
        return None if row is None else _district(row.district_id, row.options)

    def get_one(self, slug: str) -> District:
        """Return a district that must be there; raise PortalError when it is not."""
        district = self.get(slug)
        if district is None:
            message = f"There is no district {slug}."
            raise PortalError(message)
        return district

    def given(self, slug: str) -> Mapping[str, Any]:
        """Return a district's options as they were given, without any default."""
        given: dict[str, Any] = json.loads(self._context.session.get_one(DistrictRow, slug).options)
        return given

    def all(self) -> list[District]:
        """Return every district, ordered by slug."""
        rows = self._context.session.scalars(select(DistrictRow).order_by(DistrictRow.district_id))
        return [_district(row.district_id, row.options) for row in rows]

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
            row = DistrictRow(district_id=slug)
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


@lru_cache(maxsize=256)
def _district(slug: str, options: str) -> District:
    # The same text always means the same options, so reading it once a process is enough.
    return District(slug, read_options(_where(slug), json.loads(options)))

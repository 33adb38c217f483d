"""Keep what must leave: rows written with the deed, delivered after its commit."""

import json
from uuid import uuid4

from portal.core.context import Context
from portal.core.models import OutboxRow


class Outbox:
    """Write messages that must leave; their words are made when they are sent."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def put(self, district: str, kind: str, *, recipient: str, **details: str | int | None) -> str:
        """Add one message of a kind for an account and return its id."""
        row = OutboxRow(
            message_id=uuid4().hex,
            district_id=district,
            kind=kind,
            recipient=recipient,
            details=json.dumps(details, ensure_ascii=False, sort_keys=True),
            created_at=self._context.now,
            due_at=self._context.now,
        )
        self._context.session.add(row)
        return row.message_id

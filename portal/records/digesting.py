"""Look up what a regular mail says when it is handed over, and note that it left."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.accounts.live_sessions import BROWSERS
from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.models import OutboxRow
from portal.core.outbox import NOTHING_NEW, OVERTAKEN, Unsaid
from portal.records.gathering import Gathering, Wanted, mark_of, since_only
from portal.records.models import NotificationRow
from portal.records.notifications import Digest, Frequency, InChat, Subject, offered
from portal.records.notifying import NOW
from portal.records.periods import days_of
from portal.records.receiving import Reader, reader_of
from portal.records.stopping import stop_key

# Told twice rather than never: the scores of a Friday may be imported on a Sunday.
OVERLAP = timedelta(days=2)
# Nobody wants a mail without news every day; a week or more of silence would look like a fault.
SILENT = frozenset({Frequency.DAILY})
Tell = Callable[[str, Mapping[str, str]], None]


class Digesting:
    """Make what the regular mails in the outbox say: their rows only name notification and period."""

    def __init__(self, context: Context, tell: Tell) -> None:
        """Work in one transaction; `tell` tells a conversation that there is news, and of what."""
        self._context = context
        self._tell = tell

    def gather(self, message: OutboxRow) -> Digest | Unsaid:
        """Return what a mail says if it leaves now, and keep in its row what `left` needs."""
        details = json.loads(message.details)
        found = self._read(details["notification"])
        if found is None or _is_overtaken(found[0], message, found[1], details["period"]):
            return Unsaid(OVERTAKEN)
        row, reader = found
        digest = self._digest(row, reader, self._since(row, reader), is_asked=details["period"] == NOW)
        if not digest.subjects:
            # All that was chosen has been turned off since.
            return Unsaid(OVERTAKEN)
        mark = mark_of(digest, self._context.keys)
        # Whoever asks for a mail gets all of it.
        is_new = digest.frequency is None or mark != row.told
        if not is_new and digest.frequency in SILENT:
            return Unsaid(NOTHING_NEW)
        kept = {**details, "since": digest.since.isoformat(), "is_new": is_new, "told": mark.hex()}
        message.details = json.dumps(kept, sort_keys=True)
        return since_only(replace(digest, is_new=is_new))

    def show(self, message: OutboxRow) -> Digest | Unsaid:
        """Return what a mail that left says, as far as it can still be told; for the demo's list."""
        details = json.loads(message.details)
        found = self._read(details["notification"])
        if found is None or "since" not in details:
            return Unsaid(OVERTAKEN)
        since = date.fromisoformat(details["since"])
        digest = self._digest(*found, since, is_asked=details["period"] == NOW)
        return since_only(replace(digest, is_new=details["is_new"]))

    def left(self, message: OutboxRow) -> None:
        """Note that a mail left, and tell the parent's conversations where they want to hear of it."""
        details = json.loads(message.details)
        row = self._context.session.get(NotificationRow, details["notification"], with_for_update=True)
        if row is None:
            return
        row.told, row.last_at = bytes.fromhex(details["told"]), self._context.now
        if details["is_new"] and details["period"] != NOW and row.in_chat != InChat.NONE:
            values = {"notification": row.notification_id, "since": details["since"]}
            for conversation in Sessions(self._context).conversations_of(row.account_id):
                self._tell(conversation, values)

    def for_chat(self, conversation: str, values: Mapping[str, Any]) -> Digest | None:
        """Return what a conversation is told beside "there is news"; None unless the parent opted in.

        In a browser, which others use too, only while the parent is signed in.
        """
        found = self._read(str(values.get("notification", "")))
        if found is None or found[0].in_chat != InChat.DETAILS or not self._may_hear(conversation, found[0]):
            return None
        return since_only(self._digest(*found, date.fromisoformat(values["since"]), is_asked=False))

    def _may_hear(self, conversation: str, row: NotificationRow) -> bool:
        sessions = Sessions(self._context)
        channel = sessions.conversations_of(row.account_id).get(conversation)
        if channel not in BROWSERS:
            return channel is not None
        return isinstance(sessions.current(conversation, touch=False), LiveSession)

    def _read(self, notification_id: str) -> tuple[NotificationRow, Reader] | None:
        row = self._context.session.get(NotificationRow, notification_id)
        reader = None if row is None else reader_of(self._context, row)
        return None if row is None or reader is None else (row, reader)

    def _since(self, row: NotificationRow, reader: Reader) -> date:
        if row.last_at is None:
            return reader.family.today() - days_of(Frequency(row.frequency))
        zone = ZoneInfo(reader.family.district().options.time_zone)
        return row.last_at.astimezone(zone).date() - OVERLAP

    def _digest(self, row: NotificationRow, reader: Reader, since: date, *, is_asked: bool) -> Digest:
        # What the district has turned off since is left out, as on its pages.
        on = offered(reader.family.district().options)
        wanted = Wanted(
            student=reader.linked.child.label,
            subjects=tuple(each for each in on if each in map(Subject, row.subjects.split())),
            frequency=None if is_asked else Frequency(row.frequency),
            since=since,
        )
        digest = Gathering(reader.family, wanted).digest()
        return replace(digest, stop_key=stop_key(self._context.keys, row.notification_id))


def _is_overtaken(row: NotificationRow, message: OutboxRow, reader: Reader, period: int) -> bool:
    """Tell whether a mail may not leave any more: stopped, moved on, or the address is another one now."""
    if message.address != reader.account.email:
        return True
    is_stopped = row.frequency == Frequency.NEVER
    if period == NOW:
        return is_stopped and row.chosen_at > message.created_at
    # A later period tells of this one too.
    return is_stopped or period != row.period

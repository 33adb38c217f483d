"""Offer private files (a chart, a printed page, all the data): made when opened, gone with the session."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete

from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.keys import fingerprint
from portal.core.outcomes import Reason, Refused
from portal.core.sealed import seal, unseal
from portal.records.answers import Question
from portal.records.family import Family
from portal.records.models import FileRow
from portal.records.turned_on import MY_DATA, is_on

# A session may last a day in a chat; no address of a file lives longer than a parent needs to open it.
LIFE = timedelta(hours=12)


class FileKind(StrEnum):
    """Name what a file shows.

    All take `language`, in which its words are. MY_DATA takes nothing more: it is about every child.
    PAGE takes `page`, as its address calls it ("grades", "test-results", ...), and what `as_asked` makes
    of the question, whose `student` is the label of a tab: `offer(..., page="grades", **as_asked(question))`.
    """

    GRADE_TREND = "grade_trend"
    ATTENDANCE_CALENDAR = "attendance_calendar"
    PAGE = "page"
    MY_DATA = "my_data"


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """Say what a file shows, and let its maker ask as the parent who was given it.

    `family` works inside the transaction in which the file was opened; gather there, draw afterwards.
    """

    kind: FileKind
    details: Mapping[str, Any]
    family: Family = field(repr=False)


def as_asked(question: Question) -> dict[str, str]:
    """Return what a question names as details of a file; what it leaves open is left out."""
    named = {each.name: getattr(question, each.name) for each in fields(question)}
    return {name: _as_text(value) for name, value in named.items() if value is not None}


def asked_in(details: Mapping[str, Any]) -> Question:
    """Return the question of a file."""
    named: dict[str, Any] = {each.name: details.get(each.name) for each in fields(Question)}
    for name in ("since", "until"):
        named[name] = date.fromisoformat(named[name]) if named[name] else None
    return Question(**named)


def _is_on(opened: OpenedFile) -> bool:
    page = MY_DATA if opened.kind is FileKind.MY_DATA else str(opened.details.get("page"))
    return is_on(page, opened.family.district().options)


def _as_text(value: str | date) -> str:
    return value.isoformat() if isinstance(value, date) else value


class Files:
    """Give out and open the private files of live sessions."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def offer(self, conversation: str, kind: FileKind, /, **details: Any) -> str | Refused:
        """Return the path of a new file for whoever is signed in; only its hash is kept."""
        live = Sessions(self._context).current(conversation)
        return live if isinstance(live, Refused) else self.offer_to(live, kind, **details)

    def offer_to(self, live: LiveSession, kind: FileKind, /, **details: Any) -> str:
        """Return the path of a new file for this session."""
        key = self._context.new_token()
        row = FileRow(
            digest=fingerprint(key),
            district_id=live.district,
            account_id=live.account_id,
            session_id=live.session_id,
            kind=kind.value,
            details=seal(self._context.keys, details),
            created_at=self._context.now,
            expires_at=self._context.now + LIFE,
        )
        self._context.session.add(row)
        self._context.session.flush()
        return f"/files/{key}"

    def open(self, key: str) -> OpenedFile | Refused:
        """Open the file of a key; refused once its session is over, whoever asks, or its page is turned off.

        Opening is not activity: an image that a page loads again must not keep a session alive.
        """
        row = self._context.session.get(FileRow, fingerprint(key))
        if row is None or row.expires_at <= self._context.now:
            return Refused(Reason.NOT_FOUND)
        live = Sessions(self._context).of(row.session_id)
        if isinstance(live, Refused):
            return live
        opened = OpenedFile(
            FileKind(row.kind), unseal(self._context.keys, row.details), Family(self._context, live)
        )
        # What a district turns off is off at once, for addresses that were given out before, too.
        return opened if _is_on(opened) else Refused(Reason.TURNED_OFF)

    def purge(self) -> None:
        """Forget the files that nobody can open any more."""
        over = FileRow.expires_at <= self._context.now
        self._context.session.execute(delete(FileRow).where(over))

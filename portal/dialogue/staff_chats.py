"""Keep the chats of staff, which are told that a case waits and never whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, delete, insert, select

from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.core.outcomes import Refused
from portal.core.sealed import seal, unseal
from portal.dialogue.models import ChatRow, PushRow
from portal.dialogue.outcomes import ChatAddress
from portal.dialogue.pushing import Pushes
from portal.dialogue.start_codes import MintedStartCode, NewStartCode, StartCodes, StartKind

# Enough to tell the chats of a district apart, and short enough to be typed.
SHOWN = 6


class NoticeKind(StrEnum):
    """Name what a chat of staff is told."""

    OPENED = "staff_opened"
    CASE = "staff_case"
    REQUESTS = "staff_requests"


@dataclass(frozen=True, slots=True)
class StaffAsking:
    """Carry the code that somebody sent in a chat; `turn_id` is the same when it is brought again."""

    code: str
    chat: ChatAddress
    by: str
    turn_id: str


@dataclass(frozen=True, slots=True)
class StaffChat:
    """Show one chat of staff."""

    id: str
    name: str
    since: datetime
    unreachable_since: datetime | None


class StaffChats:
    """Open, list, tell and end the chats of staff inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in the transaction of this context."""
        self._context = context
        self._session = context.session
        self._keys = context.keys

    def new_code(self, district: str, *, by: str) -> MintedStartCode | Refused:
        """Return a code that lets one chat be told of a district's cases."""
        self._record(district, AuditEvent.STAFF_CHAT_CODE, by)
        return StartCodes(self._context).mint(NewStartCode(district, StartKind.STAFF))

    def open(self, asking: StaffAsking) -> str | Refused:
        """Let a chat be told of new cases, and say so in it; refuse with TOKEN_VOID."""
        codes = StartCodes(self._context)
        code = codes.spend(asking.code, frozenset({StartKind.STAFF}), turn_id=asking.turn_id)
        if isinstance(code, Refused):
            return code
        # A chat that was away, or has another name by now, begins anew.
        self._forget([row for row in self._same(asking.chat) if row.district_id == code.district])
        chat = uuid4().hex
        values = {
            "id": chat,
            "district_id": code.district,
            "via": asking.chat.via,
            "address": seal(self._keys, dict(asking.chat.address)),
            "created_at": self._context.now,
        }
        self._session.execute(insert(ChatRow).values(values))
        self._record(code.district, AuditEvent.STAFF_CHAT_OPENED, asking.by, chat)
        name = Districts(self._context).get_one(code.district).options.name
        Pushes(self._context).notify(chat, {"kind": NoticeKind.OPENED, "district": name})
        return chat

    def tell(self, district: District, number: int, kind: str) -> None:
        """Tell every chat of a district's staff that a case waits: no name, and nothing that was written."""
        zone = ZoneInfo(district.options.time_zone)
        notice = {
            "kind": NoticeKind.CASE,
            "district": district.options.name,
            "number": number,
            "case": kind,
            "since": self._context.now.astimezone(zone).replace(tzinfo=None).isoformat(timespec="minutes"),
        }
        for chat in self._session.scalars(select(ChatRow.id).where(self._of(district.slug))):
            Pushes(self._context).notify(chat, notice)

    def tell_of_requests(self, district: District, count: int) -> None:
        """Tell every chat of a district's staff how many requests for an account wait: no name."""
        notice = {"kind": NoticeKind.REQUESTS, "district": district.options.name, "count": count}
        for chat in self._session.scalars(select(ChatRow.id).where(self._of(district.slug))):
            Pushes(self._context).notify(chat, notice)

    def all(self, district: str) -> tuple[StaffChat, ...]:
        """Return the chats of a district's staff, the oldest first."""
        rows = self._session.scalars(select(ChatRow).where(self._of(district)).order_by(ChatRow.created_at))
        return tuple(self._shown(row) for row in rows)

    def end(self, district: str, shown: str, *, by: str) -> StaffChat | None:
        """Tell a chat of nothing any more; None where the district has no such chat."""
        row = next((row for row in self._rows(self._of(district)) if row.id[:SHOWN] == shown), None)
        if row is None:
            return None
        ended = self._shown(row)
        self._end([row], by)
        return ended

    def leave(self, chat: ChatAddress, *, by: str) -> None:
        """Tell a chat of nothing any more, of whatever district, as somebody in it asked."""
        self._end(self._same(chat), by)

    def _end(self, rows: list[ChatRow], by: str) -> None:
        for row in rows:
            self._record(row.district_id, AuditEvent.STAFF_CHAT_ENDED, by, row.id)
        self._forget(rows)

    def _forget(self, rows: list[ChatRow]) -> None:
        chats = [row.id for row in rows]
        self._session.execute(delete(PushRow).where(PushRow.chat_id.in_(chats)))
        self._session.execute(delete(ChatRow).where(ChatRow.id.in_(chats)))

    def _same(self, chat: ChatAddress) -> list[ChatRow]:
        """Return what one chat is told so far; addresses are encrypted, and such chats are few."""
        rows = self._rows(and_(ChatRow.conversation_id.is_(None), ChatRow.via == chat.via))
        return [row for row in rows if self._address(row)["chat"] == chat.address["chat"]]

    def _rows(self, which: ColumnElement[bool]) -> list[ChatRow]:
        return list(self._session.scalars(select(ChatRow).where(which)))

    def _of(self, district: str) -> ColumnElement[bool]:
        return and_(ChatRow.district_id == district, ChatRow.conversation_id.is_(None))

    def _shown(self, row: ChatRow) -> StaffChat:
        name = str(self._address(row).get("name") or "")
        return StaffChat(row.id[:SHOWN], name, row.created_at, row.unreachable_at)

    def _address(self, row: ChatRow) -> Mapping[str, Any]:
        address: Mapping[str, Any] = unseal(self._keys, row.address)
        return address

    def _record(self, district: str, event: AuditEvent, by: str, chat: str = "") -> None:
        subject = f"chat:{chat[:SHOWN]}" if chat else ""
        Audit(self._context).record(district, event, subject=subject, by=by)

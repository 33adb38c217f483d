"""Keep the answers that staff give often, in the languages of the families."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import select

from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.sealed import seal, unseal
from portal.helpdesk.models import SavedReplyRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed

MOST_NAME = 80
MOST_WORDS = 1000
MOST_REPLIES = 200
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class SavedReply:
    """Show one answer; `version` is what a change must be based on."""

    reply_id: str
    name: str
    texts: Mapping[str, str] = field(repr=False)
    version: int

    def in_language(self, language: str) -> str:
        """Return it in a family's language, else in English, else in whichever it has."""
        return self.texts.get(language) or self.texts.get(FALLBACK) or next(iter(self.texts.values()), "")


class SavedReplies:
    """Write and find saved replies, inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def all(self, member: StaffMember) -> list[SavedReply]:
        """Return those of a district by their names."""
        if not member.may(Deed.SEE_CASES):
            return []
        mine = SavedReplyRow.district_id == member.district
        query = select(SavedReplyRow).where(mine).order_by(SavedReplyRow.name)
        return [self._shown(row) for row in self._session.scalars(query.limit(MOST_REPLIES))]

    def find(self, member: StaffMember, reply_id: str) -> SavedReply | None:
        """Return one of a district."""
        row = self._row(member, reply_id)
        return None if row is None or not member.may(Deed.SEE_CASES) else self._shown(row)

    def write(
        self, member: StaffMember, reply_id: str, name: str, texts: Mapping[str, str], version: int
    ) -> SavedReply | Refused:
        """Keep an answer, a new one under an empty id; without any text it is removed."""
        if not member.may(Deed.WRITE_SAVED_REPLIES):
            return Refused(Reason.FORBIDDEN)
        row = self._row(member, reply_id) if reply_id else self._new(member)
        if row is None:
            return Refused(Reason.NOT_FOUND)
        if reply_id and row.version != version:
            return Refused(Reason.OUTDATED)
        kept = {language: text.strip() for language, text in texts.items() if text.strip()}
        wrong = _wrong(name.strip(), kept) + self._taken(row, name.strip())
        if wrong:
            return Refused(Reason.FIELDS_REFUSED, violations=wrong)
        return self._keep(row, member, name.strip(), kept)

    def remove(self, member: StaffMember, reply_id: str, version: int) -> Refused | None:
        """Forget an answer."""
        if not member.may(Deed.WRITE_SAVED_REPLIES):
            return Refused(Reason.FORBIDDEN)
        row = self._row(member, reply_id)
        if row is None:
            return Refused(Reason.NOT_FOUND)
        if row.version != version:
            return Refused(Reason.OUTDATED)
        self._session.delete(row)
        self._session.flush()
        self._record(row, member, "removed")
        return None

    def _keep(
        self, row: SavedReplyRow, member: StaffMember, name: str, texts: Mapping[str, str]
    ) -> SavedReply:
        row.name, row.texts = name, seal(self._context.keys, dict(texts))
        row.changed_at, row.changed_by = self._context.now, member.staff_id
        row.version += 1
        self._session.add(row)
        self._session.flush()
        self._record(row, member, "written")
        return self._shown(row)

    def _new(self, member: StaffMember) -> SavedReplyRow:
        return SavedReplyRow(reply_id=uuid4().hex, district_id=member.district, version=0)

    def _row(self, member: StaffMember, reply_id: str) -> SavedReplyRow | None:
        mine = (SavedReplyRow.district_id == member.district, SavedReplyRow.reply_id == reply_id)
        return self._session.scalar(select(SavedReplyRow).where(*mine).with_for_update())

    def _taken(self, row: SavedReplyRow, name: str) -> tuple[Violation, ...]:
        others = (
            SavedReplyRow.district_id == row.district_id,
            SavedReplyRow.name == name,
            SavedReplyRow.reply_id != row.reply_id,
        )
        is_taken = self._session.scalar(select(SavedReplyRow.reply_id).where(*others)) is not None
        return (Violation("taken", field="name"),) if is_taken else ()

    def _shown(self, row: SavedReplyRow) -> SavedReply:
        return SavedReply(row.reply_id, row.name, unseal(self._context.keys, row.texts), row.version)

    def _record(self, row: SavedReplyRow, member: StaffMember, what: str) -> None:
        Audit(self._context).record(
            row.district_id,
            AuditEvent.SAVED_REPLY_CHANGED,
            subject=f"saved_reply:{row.reply_id}",
            by=member.by,
            what=what,
        )


def _wrong(name: str, texts: Mapping[str, str]) -> tuple[Violation, ...]:
    found = []
    if not name or len(name) > MOST_NAME:
        found.append(Violation("empty" if not name else "too_long", field="name"))
    if not texts:
        found.append(Violation("no_text", field="text"))
    found += [
        Violation("too_long", field=f"text_{code}") for code, text in texts.items() if len(text) > MOST_WORDS
    ]
    return tuple(found)

"""Send to the school whoever the school bars from a student, and tell staff."""

from collections.abc import Sequence
from datetime import timedelta

from portal.accounts.contacts import Recognised
from portal.accounts.gate import Gate, Kind, Limit
from portal.accounts.pairs import school_address
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District
from portal.core.outbox import MailKind, Outbox, To
from portal.core.outcomes import Reason, Refused
from portal.sis.models import Student

# However often somebody tries: staff hear of a family once a day.
TOLD = Limit(1, timedelta(hours=24))


def refuse_barred(
    context: Context, district: District, known: Recognised, students: Sequence[Student]
) -> Refused | None:
    """Refuse a barred contact, and students whose record the school keeps closed; else return None.

    The pairs were right, so this is told to somebody who holds the letter: they are sent to the
    school, which hears of it.
    """
    closed = [each for each in students if not each.enabled or each.retired_at is not None]
    if known.barred is None and not closed:
        return None
    student = closed[0] if closed else students[0]
    whom = f"contact:{known.barred}" if known.barred is not None else f"student:{student.id}"
    gate, slug = Gate(context), district.slug
    told = gate.reserve(slug, Kind.ACCESS_ID, gate.key(Kind.ACCESS_ID, slug, "barred", whom), TOLD)
    if told is None:
        to = To(school_address(context, district, student))
        # The student's number and no name: staff look the family up where names belong.
        number = student.identifier or student.source_id
        Outbox(context).put(slug, MailKind.STAFF_BARRED, to, student=number)
    why = "barred" if known.barred is not None else "record_closed"
    Audit(context).record(slug, AuditEvent.LINK_REFUSED, subject=whom, why=why)
    return Refused(Reason.BARRED)

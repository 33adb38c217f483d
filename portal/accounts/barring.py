"""Send to the school whoever the school bars from a student."""

from collections.abc import Sequence

from portal.accounts.contacts import Recognised
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District
from portal.core.outcomes import Reason, Refused
from portal.sis.models import Student


def refuse_barred(
    context: Context, district: District, known: Recognised, students: Sequence[Student]
) -> Refused | None:
    """Refuse a barred contact, and students whose record the school keeps closed; else return None.

    The pairs were right, so this is told to somebody who holds the letter: they are sent to the
    school, and the help desk gets a case.
    """
    closed = [each for each in students if not each.enabled or each.retired_at is not None]
    if known.barred is None and not closed:
        return None
    whom = f"contact:{known.barred}" if known.barred is not None else f"student:{closed[0].id}"
    why = "barred" if known.barred is not None else "record_closed"
    Audit(context).record(district.slug, AuditEvent.LINK_REFUSED, subject=whom, why=why)
    return Refused(Reason.BARRED)

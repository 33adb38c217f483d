"""Check pairs of Access ID and access password; each is counted before it is looked at."""

import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.accounts.gate import Gate, Kind, Limit
from portal.accounts.outcomes import StudentClaim
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.database import EPOCH
from portal.core.districts import District
from portal.core.options import LockMode, LockOptions
from portal.core.outbox import MailKind, Outbox, To
from portal.core.outcomes import Reason, Refused, Violation
from portal.sis.identity import access_password_mac
from portal.sis.models import AccessCredential, School, Student

REQUESTER = Limit(5, timedelta(hours=1))
DAY = timedelta(hours=24)
ACCESS_ID = Limit(10, DAY)
PAUSE = LockOptions(LockMode.WAIT, ACCESS_ID.fails, minutes=DAY // timedelta(minutes=1))
NOBODY = bytes(32)


class Pairs:
    """Find the students that pairs belong to, all of them or none."""

    def __init__(self, context: Context, district: District) -> None:
        """Work in one transaction, for one district."""
        self._context = context
        self._district = district
        self._gate = Gate(context)

    def check(self, requester: str, claims: Sequence[StudentClaim]) -> list[Student] | Refused:
        """Return the student of each claim, or refuse; `requester` is whom wrong pairs are counted under.

        Counting, checking and giving back what was right are one transaction: the locks on the
        counters put pairs that are tried at the same time one after the other.
        """
        own = self._gate.key(Kind.LINKING, self._district.slug, requester)
        refused = self._gate.reserve(self._district.slug, Kind.LINKING, own, REQUESTER)
        if refused is not None:
            return refused
        keys = {claim.access_id: self._key(claim.access_id) for claim in claims}
        paused = self._reserve(keys)
        if paused is not None:
            self._gate.refund(own)
            return paused
        found = self._looked_at(claims, keys)
        if not isinstance(found, Refused):
            self._gate.refund(own)
        return found

    def _reserve(self, keys: Mapping[str, bytes]) -> Refused | None:
        reserved: list[bytes] = []
        # In the order of the keys, so that two requests for the same students cannot wait for each other.
        for key in sorted(set(keys.values())):
            if self._gate.reserve(self._district.slug, Kind.ACCESS_ID, key, ACCESS_ID) is not None:
                for each in reserved:
                    self._gate.refund(each)
                return Refused(Reason.ACCESS_ID_PAUSED, retry_at=self._end_of_pause(key))
            reserved.append(key)
        return None

    def _looked_at(
        self, claims: Sequence[StudentClaim], keys: Mapping[str, bytes]
    ) -> list[Student] | Refused:
        found: list[Student] = []
        wrong: bytes | None = None
        for claim in claims:
            student = self._student(claim)
            if student is None:
                # Only this one counts: what stands behind it was not looked at.
                wrong = keys[claim.access_id]
                break
            found.append(student)
        for key in set(keys.values()) - {wrong}:
            self._gate.refund(key)
        if wrong is None:
            return found
        row = len(found) + 1
        self._count_wrong(wrong, claims[row - 1])
        return Refused(Reason.PAIR_NOT_FOUND, violations=(Violation("pair_not_found", row=row),))

    def _student(self, claim: StudentClaim) -> Student | None:
        credential = self._credential(claim.access_id)
        # An Access ID that nobody has costs the same as a wrong access password.
        student_id = "" if credential is None else credential.student_id
        stored = None if credential is None else credential.password_mac
        slug = self._district.slug
        mac = access_password_mac(self._context.keys, slug, student_id, claim.access_password)
        student = self._context.session.get(Student, (slug, student_id))
        return student if hmac.compare_digest(stored or NOBODY, mac) else None

    def _credential(self, access_id: str) -> AccessCredential | None:
        query = select(AccessCredential).where(
            AccessCredential.district_id == self._district.slug,
            AccessCredential.access_id == compared_id(access_id),
        )
        return self._context.session.scalar(query)

    def _count_wrong(self, key: bytes, claim: StudentClaim) -> None:
        if not self._gate.fail(key, PAUSE):
            return
        credential = self._credential(claim.access_id)
        student_id = "" if credential is None else credential.student_id
        student = self._context.session.get(Student, (self._district.slug, student_id))
        # One that nobody has is paused and recorded alike, but there is no school to write to.
        to = To(None if student is None else school_address(self._context, self._district, student))
        access_id = compared_id(claim.access_id) if student is not None else ""
        kind = MailKind.STAFF_ACCESS_ID_PAUSED
        Outbox(self._context).put(self._district.slug, kind, to, access_id=access_id)
        subject = f"access_id:{key.hex()}"
        Audit(self._context).record(self._district.slug, AuditEvent.ACCESS_ID_PAUSED, subject=subject)

    def _end_of_pause(self, key: bytes) -> datetime | None:
        found = self._gate.counter(key)
        end = None if found is None else found.locked_until
        return None if end is None else EPOCH + timedelta(microseconds=end)

    def _key(self, access_id: str) -> bytes:
        return self._gate.key(Kind.ACCESS_ID, self._district.slug, compared_id(access_id))


def compared_id(typed: str) -> str:
    """Return an Access ID as it is compared: without case, width, spaces and hyphens."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", typed))).upper()


def school_address(context: Context, district: District, student: Student) -> str | None:
    """Return where the staff of a student's school, else of the district, are written to."""
    school = context.session.get(School, (district.slug, student.school_id))
    return district.options.help_at(None if school is None else school.identifier).email

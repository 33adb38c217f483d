"""Keep who works at the help desk: invite them, change what they are, and let them go."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, func, select, update

from portal.accounts.addresses import address_of
from portal.accounts.gate import Gate
from portal.accounts.names import is_storable
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.keys import fingerprint
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.helpdesk.staff.counting import code_key, password_key
from portal.helpdesk.staff.models import PasskeyRow, StaffInvitationRow, StaffRow
from portal.helpdesk.staff.outcomes import NewStaff, StaffChanged, StaffInvited, StaffListed, StaffPlace
from portal.helpdesk.staff.roles import Role
from portal.helpdesk.staff.sessions import StaffSessions, member_of
from portal.sis.models import School

INVITED = timedelta(hours=72)
MOST_NAME = 100
NOT_FOUND = Refused(Reason.NOT_FOUND)


class StaffAccounts:
    """Invite, list and change staff for whoever may do so; `by` names them to the audit."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def invite(self, new: NewStaff, *, by: str) -> StaffInvited | Refused:
        """Add somebody who signs in as soon as they have taken up the invitation."""
        address = address_of(new.email) if is_storable(new.email, new.name) else None
        problems = self._wrong_place(new.district, new.role, new.schools)
        if address is None:
            problems.append(Violation("email", field="email"))
        elif self.find(address.key) is not None:
            problems.append(Violation("email_taken", field="email"))
        if not 0 < len(new.name.strip()) <= MOST_NAME:
            problems.append(Violation("empty", field="name"))
        if problems or address is None:
            return Refused(Reason.FIELDS_REFUSED, violations=tuple(problems))
        row = self._added(new, address.spelling, address.key)
        self._audit(row, AuditEvent.STAFF_INVITED, by, **_place(row))
        return self._invitation(row)

    def find(self, email: str, district: str | None = None) -> StaffRow | None:
        """Return whoever has that address, where they are of that district."""
        address = address_of(email)
        query = select(StaffRow).where(StaffRow.email_key == (address.key if address else ""))
        if district is not None:
            query = query.where(StaffRow.district_id == district)
        return self._session.scalar(query)

    def all(self, district: str) -> list[StaffListed]:
        """Return everybody of a district by name."""
        query = select(StaffRow).where(StaffRow.district_id == district)
        rows = self._session.scalars(query.order_by(func.lower(StaffRow.name), StaffRow.staff_id)).all()
        invited, passkeys = self._invited(district), self._passkeys(district)
        return [_listed(row, invited, passkeys) for row in rows]

    def names(self, district: str) -> dict[str, str]:
        """Return everybody's name by id, for pages that tell who did something."""
        query = select(StaffRow.staff_id, StaffRow.name).where(StaffRow.district_id == district)
        return {row.staff_id: row.name for row in self._session.execute(query)}

    def schools(self, district: str) -> dict[str, str]:
        """Return the names of a district's schools by id, in the order of their names."""
        query = select(School.id, School.name).where(
            School.district_id == district, School.type == "school", School.retired_at.is_(None)
        )
        return {row.id: row.name for row in self._session.execute(query.order_by(School.name, School.id))}

    def place(self, district: str, place: StaffPlace, *, by: str) -> StaffChanged | Refused:
        """Give somebody another role or other schools; what is open in their browser changes with it."""
        row = self._row(district, place.staff_id)
        if row is None:
            return NOT_FOUND
        problems = self._wrong_place(district, place.role, place.schools)
        if problems:
            return Refused(Reason.FIELDS_REFUSED, violations=tuple(problems))
        if row.version != place.version:
            return Refused(Reason.OUTDATED)
        before = _place(row)
        row.role, row.schools = place.role.value, sorted(place.schools)
        if _place(row) == before:
            return Refused(Reason.ALREADY_DONE)
        row.version += 1
        told = {f"{key}_before": value for key, value in before.items()}
        self._audit(row, AuditEvent.STAFF_CHANGED, by, **_place(row), **told)
        return StaffChanged(row.staff_id)

    def disable(self, district: str, staff_id: str, *, by: str, reason: str = "") -> StaffChanged | Refused:
        """Let somebody go: their sessions and invitations end with it."""
        row = self._row(district, staff_id)
        if row is None:
            return NOT_FOUND
        if row.disabled_at is not None:
            return Refused(Reason.ALREADY_DONE)
        row.disabled_at, row.version = self._context.now, row.version + 1
        StaffSessions(self._context).end_all(staff_id)
        self.close_invitations(staff_id)
        self._audit(row, AuditEvent.STAFF_DISABLED, by, reason=reason)
        return StaffChanged(staff_id)

    def enable(self, district: str, staff_id: str, *, by: str, reason: str = "") -> StaffChanged | Refused:
        """Let somebody back who was let go; whoever never joined needs a new invitation."""
        row = self._row(district, staff_id)
        if row is None:
            return NOT_FOUND
        if row.disabled_at is None:
            return Refused(Reason.ALREADY_DONE)
        row.disabled_at, row.version = None, row.version + 1
        self._audit(row, AuditEvent.STAFF_ENABLED, by, reason=reason)
        return StaffChanged(staff_id)

    def reset(self, district: str, staff_id: str, *, by: str, reason: str = "") -> StaffInvited | Refused:
        """Void password, codes, passkeys and sessions, and invite anew: for whoever lost their telephone.

        All at once: of a lost telephone nobody knows what was on it.
        """
        row = self._row(district, staff_id)
        if row is None:
            return NOT_FOUND
        if row.disabled_at is not None:
            return Refused(Reason.OUTDATED)
        row.password_hash, row.totp_secret, row.version = "", None, row.version + 1
        self._session.execute(delete(PasskeyRow).where(PasskeyRow.staff_id == staff_id))
        StaffSessions(self._context).end_all(staff_id)
        self.let_try_again(row)
        self._audit(row, AuditEvent.STAFF_RESET, by, reason=reason)
        return self._invitation(row)

    def let_try_again(self, row: StaffRow) -> None:
        """Lift what wrong passwords and wrong codes locked."""
        gate = Gate(self._context)
        for key in (password_key(gate, row.email_key), code_key(gate, row.staff_id)):
            gate.clear(key)

    def close_invitations(self, staff_id: str) -> None:
        """Void every link that somebody has not used."""
        theirs = StaffInvitationRow.staff_id == staff_id
        closed = update(StaffInvitationRow).where(theirs, StaffInvitationRow.closed_at.is_(None))
        self._session.execute(closed.values(closed_at=self._context.now))

    def purge(self) -> None:
        """Forget invitations that are long over."""
        old = StaffInvitationRow.expires_at <= self._context.now - INVITED
        self._session.execute(delete(StaffInvitationRow).where(old))

    def _added(self, new: NewStaff, spelling: str, key: str) -> StaffRow:
        row = StaffRow(
            staff_id=uuid4().hex,
            district_id=new.district,
            name=" ".join(new.name.split()),
            email=spelling,
            email_key=key,
            role=new.role.value,
            schools=sorted(new.schools),
            password_hash="",
            totp_step=0,
            created_at=self._context.now,
            version=0,
        )
        self._session.add(row)
        self._session.flush()
        return row

    def _invitation(self, row: StaffRow) -> StaffInvited:
        self.close_invitations(row.staff_id)
        token, now = self._context.new_token(), self._context.now
        invitation = StaffInvitationRow(
            digest=fingerprint(token),
            district_id=row.district_id,
            staff_id=row.staff_id,
            created_at=now,
            expires_at=now + INVITED,
        )
        self._session.add(invitation)
        self._session.flush()
        return StaffInvited(row.staff_id, Secret(token), invitation.expires_at)

    def _row(self, district: str, staff_id: str) -> StaffRow | None:
        query = select(StaffRow).where(StaffRow.district_id == district, StaffRow.staff_id == staff_id)
        return self._session.scalar(query.with_for_update().execution_options(populate_existing=True))

    def _wrong_place(self, district: str, role: Role, schools: frozenset[str]) -> list[Violation]:
        if role is not Role.SCHOOL_ADMINISTRATOR:
            return [Violation("schools_not_theirs", field="schools")] if schools else []
        known = set(self.schools(district))
        return [] if schools and schools <= known else [Violation("which_schools", field="schools")]

    def _invited(self, district: str) -> Mapping[str, datetime]:
        query = select(StaffInvitationRow.staff_id, StaffInvitationRow.expires_at).where(
            StaffInvitationRow.district_id == district,
            StaffInvitationRow.closed_at.is_(None),
            StaffInvitationRow.expires_at > self._context.now,
        )
        return {row.staff_id: row.expires_at for row in self._session.execute(query)}

    def _passkeys(self, district: str) -> Sequence[str]:
        query = select(PasskeyRow.staff_id).where(PasskeyRow.district_id == district)
        return self._session.scalars(query).all()

    def _audit(self, row: StaffRow, event: AuditEvent, by: str, **details: str) -> None:
        # Staff are named by their ids, here as everywhere; their names stand in the list of staff.
        told = {key: value for key, value in details.items() if value}
        subject = f"staff:{row.staff_id}"
        Audit(self._context).record(
            row.district_id, event, subject=subject, by=by, staff=row.staff_id, **told
        )


def _place(row: StaffRow) -> dict[str, str]:
    return {"role": row.role, "schools": ", ".join(sorted(row.schools))}


def _listed(row: StaffRow, invited: Mapping[str, datetime], passkeys: Sequence[str]) -> StaffListed:
    return StaffListed(
        member=member_of(row),
        version=row.version,
        has_joined=bool(row.password_hash),
        passkeys=passkeys.count(row.staff_id),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        last_sign_in_at=row.last_sign_in_at,
        invited_until=invited.get(row.staff_id),
    )

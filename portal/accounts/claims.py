"""Link students to the account that is signed in, by their Access IDs and access passwords."""

from collections.abc import Sequence

from portal.accounts.barring import refuse_barred
from portal.accounts.contacts import Contacts, Person
from portal.accounts.fields import refused, student_violations
from portal.accounts.links import Links
from portal.accounts.models import AccountRow
from portal.accounts.names import is_storable
from portal.accounts.outcomes import LinkStudents, LiveSession, StudentClaim, StudentsLinked
from portal.accounts.pairs import Pairs
from portal.accounts.piloting import Pilot
from portal.accounts.relationships import Relation, relation_of
from portal.accounts.requests import Operation, RequestKey, Requests
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.core.options import AccountOpening
from portal.core.outbox import MailKind, Outbox, To
from portal.core.outcomes import Reason, Refused
from portal.sis.models import Student

Linked = StudentsLinked | Refused


def links_by_access_id(district: District) -> bool:
    """Tell whether parents of the district link students themselves."""
    options = district.options
    return options.parent_single_sign_on and options.account_opening is AccountOpening.ACCESS_ID


class Claims:
    """Check pairs of Access ID and access password, counted before they are looked at."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def link(self, request: LinkStudents) -> StudentsLinked | Refused:
        """Link all the students or none."""
        if not is_storable(request.conversation, request.source, request.request_id):
            return Refused(Reason.INVALID_REQUEST)
        live = Sessions(self._context).current(request.conversation)
        requests = Requests(self._context)
        key: RequestKey[Linked]
        key = RequestKey(request.conversation, Operation.LINK_STUDENTS, request.request_id)
        repeated = requests.open(key, live.district if isinstance(live, LiveSession) else "")
        if repeated is not None:
            return repeated
        outcome = live if isinstance(live, Refused) else self._linked(live, request.students)
        requests.settle(key, outcome)
        return outcome

    def unlink(self, conversation: str, student_id: str) -> bool | Refused:
        """Take a student off the signed-in account; False when it was not linked."""
        live = Sessions(self._context).current(conversation)
        if isinstance(live, Refused):
            return live
        return Links(self._context).unlink(live.account_id, student_id)

    def _linked(self, live: LiveSession, claims: Sequence[StudentClaim]) -> StudentsLinked | Refused:
        district = Districts(self._context).get_one(live.district)
        if not links_by_access_id(district):
            return Refused(Reason.TURNED_OFF)
        wrong = refused(student_violations(claims))
        if wrong is not None:
            return wrong
        found = Pairs(self._context, district).check(f"account:{live.account_id}", claims)
        if isinstance(found, Refused):
            return found
        account = self._context.session.get_one(
            AccountRow, live.account_id, with_for_update=True, populate_existing=True
        )
        if account.disabled_at is not None:
            # Ended while this waited for it: a child that is linked now would be linked to nobody.
            return Refused(Reason.SESSION_ENDED)
        person = Person(account.display_name, account.email, account.contact_id)
        known = Contacts(self._context, district.slug).recognise(person, [each.id for each in found])
        pilot = Pilot(self._context, district)
        refusal = refuse_barred(self._context, district, known, found)
        refusal = refusal or pilot.refuse_students(found, live.account_id)
        if refusal is not None:
            return refusal
        account.contact_id = account.contact_id or known.contact_id
        outcome = link_all(self._context, account, found, claims)
        self._tell_parent(account, len(outcome.linked))
        return outcome

    def _tell_parent(self, account: AccountRow, count: int) -> None:
        # Only to an address that was confirmed: another family must not read of it.
        if count and account.email_confirmed_at is not None:
            to = To(account.email, account.account_id, account.language or "")
            Outbox(self._context).put(account.district_id, MailKind.STUDENTS_LINKED, to, count=count)


def link_all(
    context: Context, account: AccountRow, students: Sequence[Student], claims: Sequence[StudentClaim]
) -> StudentsLinked:
    """Link students whose pairs were right; the names are the school's, whatever was typed."""
    links = Links(context)
    linked: list[str] = []
    already: list[str] = []
    for student, claim in zip(students, claims, strict=True):
        relation = relation_of(claim.relationship) or Relation.OTHER
        is_new = links.link(account.account_id, student.id, relation.value)
        (linked if is_new else already).append(full_name(student))
    return StudentsLinked(tuple(linked), tuple(dict.fromkeys(already)))


def full_name(student: Student) -> str:
    """Return a student's name as the school has it."""
    return f"{student.given_name} {student.family_name}"

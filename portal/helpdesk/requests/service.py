"""Decide requests for an account: approve, turn down, ask the family, connect its children."""

from datetime import timedelta

from portal.accounts.addresses import address_of
from portal.accounts.contacts import is_same_person
from portal.accounts.links import Links
from portal.accounts.mailing import Letter, RequestState, for_request, post, to_owner
from portal.accounts.models import AccountRequestRow, AccountRow
from portal.accounts.names import is_storable
from portal.accounts.relationships import Relation, relation_of
from portal.core.audit import Audit, AuditEvent, Detail
from portal.core.context import Context
from portal.core.outbox import MailKind, Outbox, To
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.tokens import NewToken, TokenPurpose
from portal.helpdesk.requests.comparing import Comparing
from portal.helpdesk.requests.looking import RequestsShown
from portal.helpdesk.requests.notes import MOST_WORDS, RequestNotes
from portal.helpdesk.requests.outcomes import (
    Approval,
    Approved,
    Asked,
    Candidate,
    Connected,
    NewQuestion,
    NoteKind,
    Rejected,
    Rejection,
    RequestLine,
    RequestShown,
    TellParent,
    View,
)
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope
from portal.sis.models import Contact

# As long as a family may take to look into its mailbox and to ask at home.
ANSWER_LIFE = timedelta(days=14)
MOST_REASON = 500


class AccountRequests:
    """Let staff work on the requests of their district; each decision is one, whoever else decides."""

    def __init__(self, context: Context, tell: TellParent) -> None:
        """Work in one transaction; `tell` lets the conversation know in which an account was asked for."""
        self._context = context
        self._session = context.session
        self._notes = RequestNotes(context)
        self._tell = tell

    def list(self, member: StaffMember, view: View) -> tuple[RequestLine, ...] | Refused:
        """Return the requests of one list."""
        return RequestsShown(self._context, member).list(view)

    def one(self, member: StaffMember, request_id: str, student_number: str = "") -> RequestShown | Refused:
        """Return one request with every check side by side."""
        return RequestsShown(self._context, member).one(request_id, student_number)

    def approve(self, member: StaffMember, approval: Approval) -> Approved | Refused:
        """Write to the address that the school has of the contact: there the family confirms (R129)."""
        row = self._to_decide(member, approval.request_id, approval.reason)
        if isinstance(row, Refused):
            return row
        comparing = Comparing(self._context, member.district, Scope(self._context, member))
        contact = comparing.find(approval.contact_id)
        if contact is None:
            return _refused("empty", "contact")
        candidate = comparing.candidate(row, contact)
        address = address_of(contact.email)
        # What the records do not permit is mended in the records, and not passed over here (R115-R117).
        if address is None or not candidate.may_be_approved:
            return _refused("records_first", "contact")
        differs = _differing(candidate)
        self._note_approval(row, member, differs, approval.reason)
        self._take_over(row, contact)
        self._decide(row, member, RequestState.MAILED)
        post(self._context, for_request(member.district, row, contact.email, row.language))
        self._record(row, member, AuditEvent.REQUEST_APPROVED, differs=" ".join(differs))
        self._tell(row.conversation, "request_approved", {})
        return Approved(contact.email)

    def reject(self, member: StaffMember, rejection: Rejection) -> Rejected | Refused:
        """Turn a request down, and tell the family what to do next."""
        row = self._to_decide(member, rejection.request_id, rejection.reason)
        if isinstance(row, Refused):
            return row
        if not _is_text(rejection.words, may_be_empty=True):
            return _refused("too_long", "words")
        said = {"cause": rejection.cause.value, "words": rejection.words.strip()}
        self._notes.add(row, NoteKind.REJECTED, {**said, "reason": rejection.reason}, by=member.by)
        self._decide(row, member, RequestState.REJECTED)
        self._record(row, member, AuditEvent.REQUEST_REJECTED, cause=rejection.cause.value)
        self._write(row, MailKind.REQUEST_REJECTED, cause=rejection.cause.value)
        self._tell(row.conversation, "request_rejected", said)
        return Rejected()

    def ask(self, member: StaffMember, question: NewQuestion) -> Asked | Refused:
        """Ask the family something, in the chat where it asked for the account and by mail."""
        row = self._waiting(member, question.request_id)
        if isinstance(row, Refused):
            return row
        if self._notes.knows(question.form_id):
            return Refused(Reason.ALREADY_DONE)
        if not _is_text(question.words):
            return _refused("too_long" if question.words.strip() else "empty", "question")
        said = {"words": question.words.strip()}
        self._notes.add(row, NoteKind.QUESTION, said, by=member.by, note_id=question.form_id)
        self._record(row, member, AuditEvent.REQUEST_ASKED)
        self._write(row, MailKind.REQUEST_QUESTION)
        self._tell(row.conversation, "request_question", said)
        return Asked()

    def connect(self, member: StaffMember, request_id: str) -> Connected | Refused:
        """Link the children whom the records give to the contact of an account that is active (R131)."""
        if not (member.may(Deed.DECIDE_REQUEST) and member.may(Deed.LINK)):
            return Refused(Reason.FORBIDDEN)
        shown = RequestsShown(self._context, member)
        row = shown.find(request_id, lock=True)
        if row is None:
            return Refused(Reason.NOT_FOUND)
        account = self._session.get(
            AccountRow, row.account_id or "", with_for_update=True, populate_existing=True
        )
        if row.state != RequestState.ACTIVE or account is None:
            return Refused(Reason.OUTDATED)
        children = shown.to_connect(account)
        links = Links(self._context)
        for child in children:
            relation = relation_of(child.relation) or Relation.OTHER
            links.link(account.account_id, child.student_id, relation.value)
        if children:
            self._tell_of_children(row, account, member, len(children))
        return Connected(len(children))

    def _tell_of_children(
        self, row: AccountRequestRow, account: AccountRow, member: StaffMember, count: int
    ) -> None:
        self._notes.add(row, NoteKind.CONNECTED, {"count": str(count)}, by=member.by)
        self._record(row, member, AuditEvent.REQUEST_CONNECTED, linked=count)
        if account.email_confirmed_at is not None:
            Outbox(self._context).put(
                row.district_id, MailKind.STUDENTS_LINKED, to_owner(account), count=count
            )

    def _waiting(self, member: StaffMember, request_id: str) -> AccountRequestRow | Refused:
        """Return a request that still waits for staff, held until this transaction ends."""
        if not member.may(Deed.DECIDE_REQUEST):
            return Refused(Reason.FORBIDDEN)
        row = RequestsShown(self._context, member).find(request_id, lock=True)
        if row is None:
            return Refused(Reason.NOT_FOUND)
        # Of two who decide at once, the second finds what the first decided.
        return row if row.state == RequestState.STAFF else Refused(Reason.ALREADY_DONE)

    def _to_decide(self, member: StaffMember, request_id: str, reason: str) -> AccountRequestRow | Refused:
        row = self._waiting(member, request_id)
        if isinstance(row, Refused):
            return row
        if not reason.strip():
            return _refused("empty", "reason")
        is_kept = len(reason) <= MOST_REASON and is_storable(reason)
        return row if is_kept else _refused("too_long", "reason")

    def _note_approval(
        self, row: AccountRequestRow, member: StaffMember, differs: tuple[str, ...], reason: str
    ) -> None:
        # What the family typed otherwise stays with the decision, encrypted like everything written.
        typed = {"first_name": row.first_name, "last_name": row.last_name, "email": row.email}
        said = {name: text for name, text in typed.items() if name in differs}
        self._notes.add(row, NoteKind.APPROVED, {**said, "reason": reason}, by=member.by)

    def _take_over(self, row: AccountRequestRow, contact: Contact) -> None:
        # The account will be of whom the school knows, at the address that is confirmed.
        row.contact_id = contact.id
        address = address_of(contact.email)
        if address is not None and address.key != row.email_key:
            row.email, row.email_key = address.spelling, address.key
        if not is_same_person(f"{row.first_name} {row.last_name}", contact):
            row.first_name, row.last_name = contact.given_name, contact.family_name

    def _decide(self, row: AccountRequestRow, member: StaffMember, state: RequestState) -> None:
        row.state = state.value
        row.decided_at, row.decided_by = self._context.now, member.by
        self._session.flush()

    def _write(self, row: AccountRequestRow, kind: MailKind, **details: str) -> None:
        # What staff wrote is in no mail: the address is only what somebody typed, and the words are read
        # behind the token of this mail, on a page that can be closed again.
        token = NewToken(
            row.district_id,
            TokenPurpose.ANSWER_REQUEST,
            ANSWER_LIFE,
            conversation=row.conversation,
            details={"request_id": row.request_id},
        )
        letter = Letter(row.district_id, kind, To(row.email, language=row.language), token)
        post(self._context, letter, **details)

    def _record(
        self, row: AccountRequestRow, member: StaffMember, event: AuditEvent, **details: Detail
    ) -> None:
        subject = f"request:{row.request_id}"
        Audit(self._context).record(row.district_id, event, subject=subject, by=member.by, **details)


def _differing(candidate: Candidate) -> tuple[str, ...]:
    return tuple(each.name.value for each in candidate.checks if each.standing == "differs")


def _is_text(words: str, *, may_be_empty: bool = False) -> bool:
    text = words.strip()
    # Whole lines: what cannot be stored on every database is refused before.
    is_whole = "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)
    return is_whole and len(text) <= MOST_WORDS and (may_be_empty or bool(text))


def _refused(key: str, field: str) -> Refused:
    return Refused(Reason.FIELDS_REFUSED, violations=(Violation(key, field=field),))

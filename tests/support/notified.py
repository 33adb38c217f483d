"""Choose regular mails, let them fall due, and look at what leaves, in one line each."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from portal.accounts.models import AccountRow
from portal.accounts.outcomes import SignedIn
from portal.core.models import OutboxRow
from portal.core.outbox import MailKind
from portal.core.outcomes import Refused
from portal.delivery.outcomes import Mail, Sent
from portal.records.models import NotificationRow
from portal.records.notifications import Digest, Frequency, NotificationChange, Notifications
from portal.sis.models import PortalAccess
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.school_work import write_school_with_work
from tests.support.portals import make_district, make_parent, sign_in

ADDRESS = "marisol@mailbox.example"
HERE = "conversation"
WEEKLY = NotificationChange(Frequency.WEEKLY)
DAILY = NotificationChange(Frequency.DAILY)


def notified_family(portal: Portal, folder: Path, **options: object) -> str:
    """Sign the mother of Maya and Leo in, with a confirmed address; Zoe is another family's."""
    district = make_district(portal, **options)
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(write_school_with_work(folder / "school")))
    children = [student_id(portal, "7001"), student_id(portal, "7002")]
    account = make_parent(
        portal, district, email=ADDRESS, email_confirmed=True, children=children, display_name="Marisol López"
    )
    assert isinstance(sign_in(portal), SignedIn)
    return account


def student_id(portal: Portal, number: str) -> str:
    """Return the id of the student with this number."""
    with portal.begin(read_only=True) as tx:
        found = tx.imports.find_student("westborough", number)
    assert found is not None
    return found.id


def keep_mail_back(portal: Portal, account: str, student: str) -> None:
    """Let the school say that mail about this student does not go to the parent, who may still see all."""
    with portal.begin() as tx:
        contact = tx.imports.find_contact("westborough", "9001")
        assert contact is not None
        tx.session.get_one(AccountRow, account).contact_id = contact.id
        tx.session.add(
            PortalAccess(
                district_id="westborough",
                id="kept back",
                digest=b"",
                contact_id=contact.id,
                student_id=student,
                allowed=True,
                receives_email=False,
            )
        )


def change(
    portal: Portal, wish: NotificationChange = WEEKLY, students: Sequence[str] | None = ("Maya",)
) -> Notifications | Refused:
    """Choose for the children of whoever is signed in."""
    with portal.begin() as tx:
        return tx.notifications.change(HERE, students, wish)


def shown(portal: Portal, students: Sequence[str] | None = None) -> Notifications:
    """Return what is chosen."""
    with portal.begin() as tx:
        found = tx.notifications.settings(HERE, students)
    assert isinstance(found, Notifications)
    return found


def put_due(portal: Portal) -> int:
    """Put what is due into the outbox; return how many fell due."""
    with portal.begin() as tx:
        return tx.notifications_due.put_due()


def waiting(portal: Portal) -> list[OutboxRow]:
    """Return the regular mails in the outbox that are neither sent nor given up."""
    query = select(OutboxRow).where(
        OutboxRow.kind == MailKind.NOTIFICATION,
        OutboxRow.sent_at.is_(None),
        OutboxRow.given_up_at.is_(None),
    )
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(query))


def notification(portal: Portal) -> NotificationRow:
    """Return the only notification that there is."""
    with portal.begin(read_only=True) as tx:
        return tx.session.scalars(select(NotificationRow)).one()


def sent(portal: Portal) -> list[Digest]:
    """Hand over every regular mail that waits, and return what each said."""
    told: list[Digest] = []
    while (mail := _lease(portal)) is not None:
        with portal.begin() as tx:
            tx.deliveries.settle(mail.message_id, "test", Sent())
        if isinstance(mail.content, Digest):
            told.append(mail.content)
    return told


def _lease(portal: Portal) -> Mail | None:
    with portal.begin() as tx:
        return tx.deliveries.lease("test")

"""Set what a parent is told regularly by e-mail, on the page "Email Notifications"."""

from starlette.responses import Response

from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.family import Family
from portal.records.notifications import (
    Frequency,
    InChat,
    NotificationChange,
    Notifications,
    NotificationSent,
    Subject,
)
from portal.transaction import Transaction
from web.public.desk import STUDENT, meant_child
from web.public.forms import Form
from web.public.records.record_page import Answer, ChildPage, Sent
from web.public.visits import Visit

SEND_NOW, EVERYBODY = "send_now", "all_children"


class EmailNotificationsPage(ChildPage):
    """Choose what and how often, for one child or for all of them (R96)."""

    name = "email-notifications"
    template = "records/email_notifications.html"

    def ask(self, tx: Transaction, visit: Visit, family: Family, question: Question) -> Answer | Refused:
        """Ask what is set for the child."""
        found = tx.notifications.settings(visit.conversation, [question.student or ""])
        if isinstance(found, Refused):
            return found
        words = self.words(visit)
        return {
            "settings": found,
            "mine": found.children[0],
            "frequency_words": [(each, words(f"frequency_{each}")) for each in Frequency],
            "in_chat_words": [(each, words(f"in_chat_{each}")) for each in InChat],
        }

    async def submit_from(self, visit: Visit, live: LiveSession, form: Form) -> Response:
        """Keep what was chosen, or let a mail leave now."""
        child = meant_child(visit)
        if child is None:
            return await self.outdated(visit)
        done = await self.gateway.within(lambda tx: _done(tx, visit.conversation, child.label, form))
        if isinstance(done, Refused):
            return await self.shown(visit, live, Sent(form, done))
        note = "notification_sent" if isinstance(done, NotificationSent) else "notifications_saved"
        return self.go(visit, self.name, note=note, **{STUDENT: child.student_id})


def _done(
    tx: Transaction, conversation: str, label: str, form: Form
) -> Notifications | NotificationSent | Refused:
    """Let a mail leave now, where that was pressed; else keep what was chosen."""
    if form.has(SEND_NOW):
        return tx.notifications.send_now(conversation, [label], form.form_id)
    students = None if form.has(EVERYBODY) else [label]
    return tx.notifications.change(conversation, students, _change_of(form))


def _change_of(form: Form) -> NotificationChange:
    frequency, in_chat = form.text("frequency"), form.text("in_chat")
    return NotificationChange(
        frequency=Frequency(frequency) if frequency in set(Frequency) else None,
        subjects=tuple(each for each in Subject if form.has(f"subject_{each}")),
        in_chat=InChat(in_chat) if in_chat in set(InChat) else None,
    )

"""Subscribe to a child's homework and events, on the page "My Calendars"."""

from starlette.responses import Response

from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.family import Family
from portal.records.feeds import FeedKind
from portal.transaction import Transaction
from web.public.desk import STUDENT, meant_child
from web.public.forms import Form
from web.public.records.record_page import Answer, ChildPage
from web.public.visits import Visit

SUBSCRIBE, RENEW, REVOKE = "subscribe", "renew", "revoke"


class MyCalendarsPage(ChildPage):
    """Give out private addresses for calendar programs, and end them (R101)."""

    name = "my-calendars"
    template = "records/my_calendars.html"

    def ask(self, tx: Transaction, visit: Visit, family: Family, question: Question) -> Answer | Refused:
        """Ask which calendars of the child there are."""
        child = family.child(question.student)
        mine = child if isinstance(child, Refused) else tx.feeds.mine(visit.conversation)
        if isinstance(mine, Refused):
            return mine
        own = {feed.kind: feed for feed in mine if feed.student == question.student}
        return {"feeds": [(kind, own.get(kind)) for kind in FeedKind], "base": self._base(visit)}

    async def submit_from(self, visit: Visit, live: LiveSession, form: Form) -> Response:
        """Begin a calendar, give it a new address, or switch it off."""
        child = meant_child(visit)
        if child is None:
            return await self.outdated(visit)
        done = await self.gateway.within(lambda tx: _done(tx, visit.conversation, child.label, form))
        here = {STUDENT: child.student_id}
        # One that is gone already, or never was theirs, is simply not on the page that comes.
        return self.go(visit, self.name, **here, **({} if done is None else {"note": done}))

    def _base(self, visit: Visit) -> str:
        base = visit.district.options.public_base_url or self.public_url or str(visit.request.base_url)
        return base.rstrip("/")


def _done(tx: Transaction, conversation: str, label: str, form: Form) -> str | None:
    """Do what was pressed, and return what is told of it."""
    if form.has(RENEW):
        renewed = tx.feeds.renew(conversation, form.text(RENEW))
        return None if isinstance(renewed, Refused) else "calendar_renewed"
    if form.has(REVOKE):
        revoked = tx.feeds.revoke(conversation, form.text(REVOKE))
        return None if isinstance(revoked, Refused) else "calendar_off"
    if form.text(SUBSCRIBE) not in set(FeedKind):
        return None
    made = tx.feeds.subscribe(conversation, label, FeedKind(form.text(SUBSCRIBE)))
    return None if isinstance(made, Refused) else "calendar_on"

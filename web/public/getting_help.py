"""Show whom to ask and what the help desk answered, and take a message for it."""

from typing import Any

from starlette.responses import Response

from portal.accounts.outcomes import LiveSession, Scope
from portal.core.outcomes import Refused
from portal.helpdesk.case_mails import CaseAnswer
from portal.helpdesk.outcomes import CaseKind, CaseOpened, NewCase
from portal.transaction import Transaction
from web.public.forms import Form, Problem
from web.public.page import PublicPage
from web.public.sheets import moment
from web.public.signed_in import header_of, meet
from web.public.visits import CHANNEL, Visit

# What a family may choose; the other kinds are opened where they are found.
KINDS = (
    CaseKind.CANNOT_SIGN_IN,
    CaseKind.NO_EMAIL,
    CaseKind.NO_PHONE,
    CaseKind.LOST_LETTER,
    CaseKind.NAME_DIFFERS,
    CaseKind.UNUSUAL_ACTIVITY,
    CaseKind.OTHER,
)


class GetHelpPage(PublicPage):
    """Say how to reach the school, and take a message where nothing else helps."""

    name = "get-help"
    template = "get_help.html"

    async def show(self, visit: Visit) -> Response:
        """Show the contact, what was answered, and an empty form; `?about=` chooses what it is about."""
        return self.render(visit, **await self._around(visit))

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Open a case with what the family gave, and tell its number."""
        around = await self._around(visit)
        problems = form.problems("kind", "name", "reach", "message", lines=("message",))
        if not problems and form.text("kind") not in KINDS:
            problems = [Problem("kind", "empty")]
        if problems:
            return self.render(visit, form, problems=problems, **around)
        opened = await self.gateway.within(lambda tx: _open(tx, visit, form))
        if isinstance(opened, Refused):
            return self.refuse(visit, form, opened, **around)
        return self.render(visit, template="help_asked.html", number=opened.number, **around)

    async def _around(self, visit: Visit) -> dict[str, Any]:
        # Whoever is signed in can sign out here too (R110); nobody has to be.
        live, answers = await self.gateway.within(lambda tx: _met(tx, visit))
        words = self.words(visit)
        return {
            "live": None if live is None else header_of(visit, live, words, self.name),
            "answers": [(each, moment(each.at, visit.district, words.language)) for each in answers],
        }

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return what it may be about, and what the link that led here says."""
        words, about = self.words(visit), visit.request.query_params.get("about", "")
        kinds = [(kind.value, words(f"case_{kind.value}")) for kind in KINDS]
        return {"kinds": kinds, "about": about, "answers": ()}


def _open(tx: Transaction, visit: Visit, form: Form) -> CaseOpened | Refused:
    live = _mine(tx, visit)
    new = NewCase(
        district=visit.district.slug,
        kind=CaseKind(form.text("kind")),
        conversation=visit.conversation,
        channel=CHANNEL,
        language=visit.language,
        account_id=None if live is None else live.account_id,
        details={name: form.text(name) for name in ("name", "reach", "message")},
    )
    return tx.cases.ask(new, visit.source)


def _met(tx: Transaction, visit: Visit) -> tuple[LiveSession | None, tuple[CaseAnswer, ...]]:
    live = _mine(tx, visit)
    # Whoever must choose a password first is not known well enough to read what was written to the owner.
    may_read = live is not None and live.scope is Scope.FULL
    return live, (tx.case_mails.read(live) if live is not None and may_read else ())


def _mine(tx: Transaction, visit: Visit) -> LiveSession | None:
    live = tx.sessions.any_scope(visit.conversation)
    if not isinstance(live, LiveSession) or live.district != visit.district.slug:
        return None
    meet(tx, visit)
    return live

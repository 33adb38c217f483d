"""Show the cases that wait, and open one for a parent."""

from typing import Any

from starlette.responses import Response

from portal.core.outcomes import Reason, Refused
from portal.helpdesk.case_outcomes import CaseFilter, Standing
from portal.helpdesk.outcomes import OF_FAMILIES, CaseKind
from portal.helpdesk.staff.roles import Deed
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form, Problem


class CasesPage(ConsolePage):
    """List cases by how they stand, whose they are, in which language and what they are about."""

    name = "cases"
    template = "cases.html"
    deed = Deed.SEE_CASES
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the list that the address asks for."""
        wanted = _wanted(visit)
        found = await self.within(visit, lambda tx, member: tx.case_lists.choose(member, wanted))
        if isinstance(found, Refused):
            return self.refuse(visit, found)
        return self.render(visit, found=found, wanted=wanted, standings=list(Standing), kinds=list(CaseKind))


class OpenCasePage(ConsolePage):
    """Open a case for a parent who called or came by."""

    name = "cases/open"
    template = "case_open.html"
    deed = Deed.WORK_CASES

    async def show(self, visit: ConsoleVisit) -> Response:
        """Ask whom it is for and what it is about."""
        return self.render(
            visit, kinds=list(OF_FAMILIES), username=visit.request.query_params.get("username", "")
        )

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Open it and show it; the same again adds to the one that is open."""
        shown: dict[str, Any] = {"kinds": list(OF_FAMILIES), "username": ""}
        problems = form.problems("username", "text", lines=("text",))
        if problems:
            return self.render(visit, form, problems=problems, **shown)
        kind = _kind(form.text("kind"))
        opened = await self.within(
            visit,
            lambda tx, member: tx.casework.open_for(member, form.text("username"), kind, form.text("text")),
        )
        if isinstance(opened, Refused) and opened.reason is Reason.NOT_FOUND:
            return self.render(visit, form, problems=[Problem("username", "nobody")], **shown)
        if isinstance(opened, Refused):
            return self.refuse(visit, opened, form, **shown)
        return self.go(visit, f"cases/{opened.number}", note="case_opened" if opened.is_new else "case_added")


def _wanted(visit: ConsoleVisit) -> CaseFilter:
    asked = visit.request.query_params
    standing = asked.get("standing", "")
    return CaseFilter(
        standing=Standing(standing) if standing in set(Standing) else Standing.OPEN,
        mine=asked.get("mine") == "yes",
        language=asked.get("language", "")[:16],
        kind=asked.get("kind", "") if asked.get("kind") in set(CaseKind) else "",
    )


def _kind(typed: str) -> CaseKind:
    return CaseKind(typed) if typed in OF_FAMILIES else CaseKind.OTHER

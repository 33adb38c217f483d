"""Show staff the requests for an account that wait, and let them decide each beside every check."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal.core.options import AccountOpening
from portal.core.outcomes import Refused
from portal.helpdesk.requests.outcomes import (
    Approval,
    Cause,
    Connected,
    NewQuestion,
    NoteKind,
    Rejection,
    RequestShown,
    View,
)
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.transaction import Transaction
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form, Problem

TEXTS = ("words", "question")
FIELDS = ("reason", "why", "student", *TEXTS)


class RequestsPage(ConsolePage):
    """List the requests by what they wait for."""

    name = "requests"
    template = "requests.html"
    deed = Deed.SEE_REQUESTS
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show one list; the one that waits for staff first."""
        asked = visit.request.query_params.get("show", "")
        view = View(asked) if asked in set(View) else View.WAITING
        lines = await self.within(visit, lambda tx, member: tx.account_requests.list(member, view))
        if isinstance(lines, Refused):
            return self.refuse(visit, lines)
        opening = visit.district.options.account_opening if visit.district else None
        return self.render(
            visit,
            view=view,
            views=list(View),
            lines=lines,
            is_by_request=opening is AccountOpening.REQUEST,
        )


class RequestPage(ConsolePage):
    """Show one request with everybody who may have asked, and take what staff decide."""

    name = "requests/{request}"
    template = "request.html"
    deed = Deed.SEE_REQUESTS

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show it; a student's number brings that student's contacts beside it."""
        return await self._shown(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Do what the pressed button says."""
        problems = form.problems(optional=FIELDS, lines=TEXTS)
        if problems:
            return await self._shown(visit, form, problems=problems)
        match form.text("deed"):
            case "approve":
                return await self._approve(visit, form)
            case "reject":
                return await self._reject(visit, form)
            case "ask":
                return await self._ask(visit, form)
            case "connect":
                return await self._connect(visit, form)
            case _:
                raise HTTPException(422, detail="bad_request")

    async def _approve(self, visit: ConsoleVisit, form: Form) -> Response:
        approval = Approval(_request(visit), form.text("contact"), form.text("reason"))
        done = await self.within(visit, lambda tx, member: tx.account_requests.approve(member, approval))
        return await self._done(visit, form, done, "request_approved")

    async def _reject(self, visit: ConsoleVisit, form: Form) -> Response:
        cause = form.text("cause")
        if cause not in set(Cause):
            return await self._shown(visit, form, problems=[Problem("cause", "empty")])
        rejection = Rejection(_request(visit), Cause(cause), form.text("why"), form.text("words"))
        done = await self.within(visit, lambda tx, member: tx.account_requests.reject(member, rejection))
        if isinstance(done, Refused):
            # Both forms of the page ask for a reason, each in a field of its own.
            done = replace(done, violations=tuple(_renamed(each) for each in done.violations))
        return await self._done(visit, form, done, "request_rejected")

    async def _ask(self, visit: ConsoleVisit, form: Form) -> Response:
        question = NewQuestion(_request(visit), form.text("question"), form.form_id)
        done = await self.within(visit, lambda tx, member: tx.account_requests.ask(member, question))
        return await self._done(visit, form, done, "request_asked")

    async def _connect(self, visit: ConsoleVisit, form: Form) -> Response:
        request_id = _request(visit)
        done = await self.within(visit, lambda tx, member: tx.account_requests.connect(member, request_id))
        note = "request_connected" if isinstance(done, Connected) and done.count else "request_no_child"
        return await self._done(visit, form, done, note)

    async def _done(self, visit: ConsoleVisit, form: Form, done: object, note: str) -> Response:
        if isinstance(done, Refused):
            return await self._shown(visit, form, refused=done)
        return self.go(visit, f"requests/{_request(visit)}", note=note)

    async def _shown(
        self, visit: ConsoleVisit, form: Form | None = None, *, refused: Refused | None = None, **told: Any
    ) -> Response:
        asked = visit.request.query_params
        student = (form.text("student") if form else asked.get("student", ""))[:64]
        request_id = _request(visit)

        def looked(tx: Transaction, member: StaffMember) -> RequestShown | Refused:
            return tx.account_requests.one(member, request_id, student)

        found = await self.within(visit, looked)
        if isinstance(found, Refused):
            return self.refuse(visit, found)
        values = {**self._of(visit, found), "student": student}
        if refused is not None:
            return self.refuse(visit, refused, form, **values)
        return self.render(visit, form, **values, **told)

    def _of(self, visit: ConsoleVisit, found: RequestShown) -> Mapping[str, Any]:
        member = visit.member
        may = set() if member is None else {deed for deed in Deed if member.may(deed)}
        by_words = self.words(visit)
        language = found.line.language
        return {
            "asked": found,
            "line": found.line,
            "waits": found.line.state == "staff",
            "may_decide": Deed.DECIDE_REQUEST in may,
            "may_merge": Deed.MERGE in may,
            "causes": [(each.value, by_words(f"request_cause_{each.value}")) for each in Cause],
            "spoken": by_words.called(language) if language in by_words.languages else language,
            "has_questions": any(note.kind is NoteKind.QUESTION for note in found.notes),
        }


def _request(visit: ConsoleVisit) -> str:
    return str(visit.request.path_params["request"])


def _renamed(violation: Any) -> Any:
    return replace(violation, field="why") if violation.field == "reason" else violation

"""Show one case, and take what staff do with it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal.core.outcomes import Reason, Refused
from portal.helpdesk.case_outcomes import CaseChanged, CaseView
from portal.helpdesk.saved_replies import SavedReply
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.transaction import Transaction
from web.console.page import ConsolePage
from web.console.visits import PART, ConsoleVisit
from web.public.forms import Form

Did = CaseChanged | Refused
# What is chosen of the time that a case should have its answer by, in days from now.
DUE_IN: Mapping[str, int] = {"today": 0, "tomorrow": 1, "three_days": 3, "week": 7}
EVENING = 17
# Beyond it no database counts cases.
MOST_NUMBER = 2**31 - 1
# What was done is told by these words on the page that follows.
NOTES = {
    "answer": "case_answered",
    "note": "case_noted",
    "assign": "case_assigned",
    "due": "case_due",
    "take": "case_taken",
    "back": "case_handed_back",
    "close": "case_closed",
    "reopen": "case_reopened",
}
WRITES = {"answer": "text", "note": "note", "close": "done"}


class CasePage(ConsolePage):
    """Show what a family asks, what was tried, what was said, and everything that can be done."""

    name = "cases/{number:int}"
    template = "case.html"
    deed = Deed.SEE_CASES

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the case; of the talk alone nothing is noted, since the page fetches it by itself."""
        if PART in visit.request.query_params:
            return await self._talk(visit)
        return await self._shown(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Do what the pressed button says, and show the case again."""
        what = form.text("do")
        if what == "insert":
            return await self._inserted(visit, form)
        field = WRITES.get(what)
        problems = form.problems(field, lines=(field,)) if field else []
        if problems:
            return await self._shown(visit, form, problems=problems)
        did = await self.within(visit, lambda tx, member: _do(what, form, _number(visit), tx, member))
        if isinstance(did, Refused):
            return await self._refused(visit, did, form)
        return self.go(visit, f"cases/{did.number}", note=NOTES[what])

    async def _shown(self, visit: ConsoleVisit, form: Form | None = None, **more: Any) -> Response:
        number = _number(visit)

        def found(tx: Transaction, member: StaffMember) -> tuple[CaseView, list[SavedReply]] | Refused:
            view = tx.case_lists.look(member, number)
            return view if isinstance(view, Refused) else (view, tx.saved_replies.all(member))

        looked = await self.within(visit, found)
        if isinstance(looked, Refused):
            return self.refuse(visit, looked)
        view, saved = looked
        return self.render(visit, form, case=view, saved=saved, due_in=list(DUE_IN), may=_may(visit), **more)

    async def _talk(self, visit: ConsoleVisit) -> Response:
        number = _number(visit)

        def looked(tx: Transaction) -> CaseView | Refused:
            member = tx.staff_sessions.current(visit.sid)
            return member if isinstance(member, Refused) else tx.case_lists.look(member, number, quietly=True)

        view = await self.gateway.within(looked, read_only=True)
        if isinstance(view, Refused):
            raise HTTPException(404, detail="not_found")
        return self.render(visit, template="case_talk.html", case=view, may=_may(visit))

    async def _inserted(self, visit: ConsoleVisit, form: Form) -> Response:
        """Put a saved reply into the field, in the family's language; nothing is sent yet."""
        number, chosen = _number(visit), form.text("saved")

        def worded(tx: Transaction, member: StaffMember) -> str:
            view = tx.case_lists.look(member, number, quietly=True)
            saved = tx.saved_replies.find(member, chosen)
            language = "" if isinstance(view, Refused) else view.line.language
            return "" if saved is None else saved.in_language(language)

        text = await self.within(visit, worded)
        filled = {**form.values, "text": text if isinstance(text, str) else ""}
        return await self._shown(visit, Form(filled))

    async def _refused(self, visit: ConsoleVisit, refused: Refused, form: Form) -> Response:
        if refused.reason in {Reason.FORBIDDEN, Reason.NOT_FOUND}:
            return self.refuse(visit, refused)
        words = self.words(visit)
        key = f"reason_{refused.reason.value}"
        status = 409 if refused.reason in {Reason.OUTDATED, Reason.ALREADY_DONE} else 422
        notice = key if words.knows(key) else "reason_invalid_request"
        # What was typed stays in its field; everything else is shown as it stands now.
        return await self._shown(visit, form, notice=notice, status=status)


def _do(what: str, form: Form, number: int, tx: Transaction, member: StaffMember) -> Did:
    work, version = tx.casework, _version(form)
    deeds: Mapping[str, Callable[[], Did]] = {
        "answer": partial(work.answer, member, number, form.text("text"), form.form_id),
        "note": partial(work.note, member, number, form.text("note"), form.form_id),
        "assign": partial(work.assign, member, number, _to(form, member), version),
        "due": partial(work.set_due, member, number, _due(form, tx, member), version),
        "take": partial(work.take_over, member, number, version),
        "back": partial(work.hand_back, member, number),
        "close": partial(work.close, member, number, form.text("done"), version),
        "reopen": partial(work.reopen, member, number, version),
    }
    return deeds[what]() if what in deeds else Refused(Reason.INVALID_REQUEST)


def _to(form: Form, member: StaffMember) -> str:
    return member.staff_id if form.has("to_me") else form.text("to")


def _due(form: Form, tx: Transaction, member: StaffMember) -> datetime | None:
    days = DUE_IN.get(form.text("due"))
    if days is None:
        return None
    zone = ZoneInfo(tx.districts.get_one(member.district).options.time_zone)
    evening = tx.now.astimezone(zone).replace(hour=EVENING, minute=0, second=0, microsecond=0)
    return evening + timedelta(days=days)


def _version(form: Form) -> int:
    typed = form.text("version")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def _number(visit: ConsoleVisit) -> int:
    number = int(visit.request.path_params["number"])
    if number > MOST_NUMBER:
        raise HTTPException(404, detail="not_found")
    return number


def _may(visit: ConsoleVisit) -> bool:
    return visit.member is not None and visit.member.may(Deed.WORK_CASES)

"""Show course requests and register for next year, on the page "Class Registration"."""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.responses import Response

from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Refused
from portal.records.answers import Child, Question
from portal.records.course_requests import (
    CourseProblem,
    Registered,
    RegistrationChecked,
    Rule,
    Withdrawn,
)
from portal.records.family import Family
from portal.transaction import Transaction
from web.public.desk import STUDENT, chosen, meant_child
from web.public.forms import Form
from web.public.records.record_page import Answer, ChildPage, Sent
from web.public.visits import Visit

COURSE, CONFIRMED, TAKEN_BACK = "course_", "confirmed", "withdraw"
NOTHING_PICKED = CourseProblem(Rule.UNKNOWN_COURSE)
Outcome = RegistrationChecked | Registered | Withdrawn | Refused


class ClassRegistrationPage(ChildPage):
    """Choose courses, look at the summary, confirm it: nothing counts before that (R99)."""

    name = "class-registration"
    template = "records/class_registration.html"

    def ask(self, tx: Transaction, visit: Visit, family: Family, question: Question) -> Answer | Refused:
        """Ask what is requested, and what may be chosen."""
        found = tx.registration.view(visit.conversation, question.student)
        return found if isinstance(found, Refused) else {"requests": found, "stopped": ()}

    async def submit_from(self, visit: Visit, live: LiveSession, form: Form) -> Response:
        """Show the summary of what was chosen, or do what was confirmed."""
        child = meant_child(visit)
        if child is None:
            return await self.outdated(visit)
        if not _courses(form):
            return await self.shown(visit, live, Sent(form, shown=_stopped((NOTHING_PICKED,))))
        outcome = await self.gateway.within(lambda tx: _outcome(tx, visit, child, form))
        return await self._told(visit, live, form, outcome)

    async def _told(self, visit: Visit, live: LiveSession, form: Form, outcome: Outcome) -> Response:
        here = chosen(visit, STUDENT)
        match outcome:
            case Registered():
                return self.go(visit, self.name, note="courses_registered", **here)
            case Withdrawn():
                return self.go(visit, self.name, note="courses_withdrawn", **here)
            case RegistrationChecked() if outcome.is_right:
                return await self.shown(visit, live, Sent(form, shown=_summary(outcome, form)))
            case RegistrationChecked():
                return await self.shown(visit, live, Sent(form, shown=_stopped(outcome.problems)))
            case Refused():
                # Access or the option is gone since the page was shown: it says so itself.
                return await self.shown(visit, live)


def _courses(form: Form) -> list[str]:
    if form.has(TAKEN_BACK):
        return [] if form.problems(TAKEN_BACK) else [form.text(TAKEN_BACK)]
    return form.ticked(COURSE)


def _stopped(problems: Sequence[CourseProblem]) -> Answer:
    return {"stopped": problems, "status": HTTPStatus.UNPROCESSABLE_ENTITY.value}


def _summary(checked: RegistrationChecked, form: Form) -> Answer:
    return {
        "template": "records/class_registration_summary.html",
        "checked": checked,
        "is_taken_back": form.has(TAKEN_BACK),
    }


def _outcome(tx: Transaction, visit: Visit, child: Child, form: Form) -> Outcome:
    asked = (visit.conversation, child.label, _courses(form))
    taken_back, confirmed = form.has(TAKEN_BACK), form.has(CONFIRMED)
    if taken_back and confirmed:
        return tx.registration.withdraw(*asked, form.form_id)
    if taken_back:
        return tx.registration.check_withdrawal(*asked)
    if confirmed:
        return tx.registration.register(*asked, form.form_id)
    return tx.registration.check(*asked)

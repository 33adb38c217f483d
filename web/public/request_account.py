"""Show "Request Account": the first option, the name and the district, then the account."""

from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from portal.accounts.fields import name_violations
from portal.accounts.outcomes import RequestAccount
from portal.core.options import AccountOpening
from portal.core.outcomes import Refused
from web.public.forms import Form, Problem
from web.public.page import PublicPage
from web.public.sheets import Notice, requirements
from web.public.visits import Visit

CHOOSE, NAME, ACCOUNT, DONE = "choose", "name", "account", "done"
NAME_FIELDS = ("first_name", "last_name", "school_district")
ACCOUNT_FIELDS = ("email", "new_password", "new_password_again")
QUESTION_FIELDS = ("question", "security_answer")
# The same that the assistant offers; a parent may also write another.
QUESTIONS = ("pet", "street", "teacher", "food")


class RequestAccountPage(PublicPage):
    """Take a request for an account (R119-R128); the answer is the same for everybody."""

    name = "request-account"
    template = "request_account.html"

    async def show(self, visit: Visit) -> Response:
        """Show a step; the last one needs what the one before it asked for."""
        if visit.district.options.account_opening is not AccountOpening.REQUEST:
            return self.go(visit, "create-account")
        step = visit.request.query_params.get("step")
        if step == ACCOUNT:
            return self.go(visit, self.name, step=NAME)
        return self.render(visit, step=step if step in {NAME, DONE} else CHOOSE)

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Go on to the next step, or send the request."""
        options = visit.district.options
        if options.account_opening is not AccountOpening.REQUEST:
            return self.go(visit, "create-account")
        if not options.parent_single_sign_on:
            return self.render(visit)
        problems = _name_problems(visit, form)
        if problems or form.has("back"):
            return self.render(visit, form, problems=problems, step=NAME)
        if visit.request.query_params.get("step") != ACCOUNT:
            return self.render(visit, form, step=ACCOUNT)
        return await self._send(visit, form)

    async def _send(self, visit: Visit, form: Form) -> Response:
        asked = QUESTION_FIELDS if visit.district.options.security_question else ()
        problems = form.problems(*ACCOUNT_FIELDS, *asked)
        if problems:
            return self._again(visit, form, problems)
        request = RequestAccount(
            asker=visit.asker(form.form_id),
            first_name=form.text("first_name"),
            last_name=form.text("last_name"),
            email=form.text("email"),
            new=form.secret("new_password"),
            again=form.secret("new_password_again"),
            question=form.text("question"),
            answer=form.secret("security_answer"),
        )
        outcome = await self.gateway.call(lambda portal: portal.request_account(request))
        if not isinstance(outcome, Refused):
            return self.go(visit, self.name, step=DONE)
        if not outcome.violations:
            return self.refuse(visit, form, outcome, step=ACCOUNT)
        return self._again(visit, form, map(Problem.of, outcome.violations))

    def _again(self, visit: Visit, form: Form, problems: Iterable[Problem]) -> Response:
        notice = Notice(self.words(visit)("request_refused"))
        return self.render(visit, form, problems=problems, notice=notice, step=ACCOUNT)

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return the first step, and what the later ones need."""
        options, words = visit.district.options, self.words(visit)
        return {
            "step": CHOOSE,
            "is_on": options.parent_single_sign_on,
            "districts": [(visit.district.slug, options.name)],
            "password_rules": requirements(options.password, words, is_first=True),
            "asks_question": options.security_question,
            "questions": [words(f"question_{key}") for key in QUESTIONS],
        }


def _name_problems(visit: Visit, form: Form) -> list[Problem]:
    problems = [
        Problem.of(violation)
        for field in ("first_name", "last_name")
        for violation in name_violations(field, form.text(field))
    ]
    chosen = form.text("school_district")
    if chosen == visit.district.slug:
        return problems
    return [*problems, Problem("school_district", "wrong_district" if chosen else "empty")]

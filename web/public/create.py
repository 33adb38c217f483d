"""Show "Create Account" and "Create Parent Account", and open accounts."""

from typing import Any

from starlette.responses import Response

from portal.accounts.outcomes import OpenAccount
from portal.core.options import AccountOpening
from portal.core.outcomes import Refused
from web.public.claims import ADD, StudentGroups, group_values
from web.public.forms import Form, Problem
from web.public.page import PublicPage
from web.public.sheets import Notice, requirements
from web.public.visits import Visit

FIELDS = ("first_name", "last_name", "email", "username", "new_password", "new_password_again")


def opens_by_access_id(visit: Visit) -> bool:
    """Tell whether parents of the district open their accounts with Access IDs."""
    return visit.district.options.account_opening is AccountOpening.ACCESS_ID


class CreateAccountPage(PublicPage):
    """Say what an account needs before anything is asked for (R49-R53)."""

    name = "create-account"
    template = "create_account.html"
    methods = ("GET",)

    async def show(self, visit: Visit) -> Response:
        """Show what is needed, and the way on."""
        if not opens_by_access_id(visit):
            return self.go(visit, "request-account")
        return self.render(visit)

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return whether the district has turned this on."""
        return {"is_on": visit.district.options.parent_single_sign_on}


class CreateParentAccountPage(PublicPage):
    """Take the account and its students in one form, all of it or nothing (R54-R64)."""

    name = "create-parent-account"
    template = "create_parent_account.html"

    async def show(self, visit: Visit) -> Response:
        """Show the empty form."""
        return self._off(visit) or self.render(visit)

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Open the account, and lead to Sign In: nobody is signed in by this (R63)."""
        off = self._off(visit)
        if off is not None:
            return off
        groups = StudentGroups.of(form)
        if form.has(ADD):
            return self.render(visit, form, shown=groups.shown + 1, was_added=True)
        problems = form.problems(*FIELDS) + groups.problems(form)
        if problems:
            return self._again(visit, form, problems, shown=groups.shown)
        request = self._request(visit, form, groups)
        outcome = await self.gateway.call(lambda portal: portal.open_account(request))
        if isinstance(outcome, Refused):
            return self._refused(visit, form, groups, outcome)
        return self.go(visit, "sign-in", note="account_created")

    def _request(self, visit: Visit, form: Form, groups: StudentGroups) -> OpenAccount:
        return OpenAccount(
            asker=visit.asker(form.form_id),
            first_name=form.text("first_name"),
            last_name=form.text("last_name"),
            email=form.text("email"),
            username=form.text("username"),
            new=form.secret("new_password"),
            again=form.secret("new_password_again"),
            students=groups.claims(form),
        )

    def _refused(self, visit: Visit, form: Form, groups: StudentGroups, refused: Refused) -> Response:
        if not refused.violations:
            return self.refuse(visit, form, refused, shown=groups.shown)
        problems = groups.said(refused.violations)
        return self._again(visit, form, problems, shown=groups.shown, suggestions=refused.choices)

    def _again(self, visit: Visit, form: Form, problems: list[Problem], **shown: Any) -> Response:
        notice = Notice(self.words(visit)("open_refused"))
        return self.render(visit, form, problems=problems, notice=notice, **shown)

    def _off(self, visit: Visit) -> Response | None:
        is_on = visit.district.options.parent_single_sign_on
        return None if is_on and opens_by_access_id(visit) else self.go(visit, CreateAccountPage.name)

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return what the form shows when nothing was typed yet."""
        words, options = self.words(visit), visit.district.options.password
        rules = requirements(options, words, is_first=True)
        return {"suggestions": (), "password_rules": rules, **group_values(words)}

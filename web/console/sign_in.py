"""Let staff in, by password and second factor, and out again."""

import re
from typing import Any

from starlette.responses import Response

from portal.core.outcomes import Refused
from portal.helpdesk.staff.proving import StaffCode
from portal.helpdesk.staff.signing_in import SigningInStaff, StaffSignIn
from web.console.page import ConsolePage
from web.console.passkeys import can_have_passkeys
from web.console.visits import ConsoleVisit
from web.public.cookies import new_token
from web.public.forms import Form

# A page of the console to go on to; anything else that an address names is not followed.
_PAGE = re.compile(r"[a-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9_-]+)*")
TO = "to"


class SignInPage(ConsolePage):
    """Ask for the address and the password."""

    name = "sign-in"
    template = "sign_in.html"
    is_open = True

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the form."""
        return self._form(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Check them, and ask for the code."""
        problems = form.problems("email", "password")
        if problems:
            return self._form(visit, form, problems=problems)
        # A cookie that nobody knew before: one that was planted is worth nothing (and the old one ends).
        token, left = new_token(), visit.sid
        request = StaffSignIn(form.text("email"), form.secret("password"), visit.source, token)
        outcome = await self.gateway.call(lambda portal: portal.run(SigningInStaff(request)))
        if isinstance(outcome, Refused):
            return self.refuse(visit, outcome, form, **_shown(visit, form))
        await self.gateway.within(lambda tx: tx.staff_sessions.end(left))
        visit.sid = token
        return self.go(visit, "sign-in/code", **_asked(visit, form))

    def _form(self, visit: ConsoleVisit, form: Form | None = None, **values: Any) -> Response:
        return self.render(visit, form, **_shown(visit, form), **values)


class CodePage(ConsolePage):
    """Ask whoever knew the password for the code of their app."""

    name = "sign-in/code"
    template = "code.html"
    is_open = True

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the form, or the way back where nobody gave a password."""
        half = await self.gateway.within(lambda tx: tx.staff_sessions.half(visit.sid))
        if isinstance(half, Refused):
            return self.go(visit, "sign-in")
        return self.render(visit, **_shown(visit, None))

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Begin the session."""
        problems = form.problems("code")
        if problems:
            return self.render(visit, form, problems=problems, **_shown(visit, form))
        token = new_token()
        shown = StaffCode(form.text("code"), visit.source, visit.sid, token)
        outcome = await self.gateway.within(lambda tx: tx.staff_proving.prove(shown))
        if isinstance(outcome, Refused):
            if outcome.violations or outcome.retry_at is not None:
                return self.refuse(visit, outcome, form, **_shown(visit, form))
            return self.go(visit, "sign-in", note="took_too_long")
        visit.sid = token
        return self.go(visit, _page(form.text(TO)))


class SignOutPage(ConsolePage):
    """End the session."""

    name = "sign-out"
    template = "sign_in.html"
    methods = ("POST",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Never called: there is nothing to see."""
        raise NotImplementedError

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """End the session and show the way back in."""
        await self.gateway.within(lambda tx: tx.staff_sessions.end(visit.sid))
        visit.renew()
        return self.go(visit, "sign-in", note="signed_out")


def _shown(visit: ConsoleVisit, form: Form | None) -> dict[str, Any]:
    return {"to": _asked(visit, form).get(TO, ""), "with_passkeys": can_have_passkeys(visit)}


def _asked(visit: ConsoleVisit, form: Form | None) -> dict[str, Any]:
    typed = form.text(TO) if form is not None else visit.request.query_params.get(TO, "")
    page = _page(typed)
    return {TO: page} if page else {}


def _page(typed: str) -> str:
    return typed if _PAGE.fullmatch(typed) else ""

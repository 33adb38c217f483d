"""Show "Recover Password", where the mail's link leads."""

import re
from typing import Any

from starlette.responses import Response

from portal.accounts.outcomes import PasswordSet, SetPassword
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from web.public.forms import Form, Problem
from web.public.page import PublicPage
from web.public.sheets import Notice
from web.public.visits import Visit, conversation_of

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
LOCKED = "locked"
FIELDS = ("token", "username", "new_password", "new_password_again")


def token_of(form: Form) -> str:
    """Return the token that was typed, also where the whole link was pasted."""
    return form.text("token").rpartition("#")[2].strip()


def token_shown(form: Form) -> str:
    """Return the token for the form that is shown again, if it is one of ours in shape.

    It goes back to whoever sent it, and to nobody else: the answer is stored nowhere, and without a
    script it would have to be copied from the mail for every slip of the keyboard.
    """
    token = token_of(form)
    return token if _TOKEN.fullmatch(token) else ""


class RecoverPasswordPage(PublicPage):
    """Set a new password with the security token of a mail (R42-R44); looking spends nothing."""

    name = "recover-password"
    template = "recover_password.html"

    async def show(self, visit: Visit) -> Response:
        """Show the empty form, or that the name is still locked; a script moves the token into its field."""
        return self.render(visit)

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Set the password, and lead to the start page or to Sign In, as the district has it."""
        if not visit.district.options.parent_single_sign_on:
            return self.render(visit)
        problems = form.problems(*FIELDS)
        if problems:
            return self._again(visit, form, problems=problems)
        token = token_of(form)
        # A session that this begins has an id that nobody held before, as at every sign-in.
        sid = visit.next_sid(form.form_id, token, form.secret("new_password").value)
        request = SetPassword(
            asker=visit.asker(form.form_id, conversation_of(sid)),
            token=Secret(token),
            username=form.text("username"),
            new=form.secret("new_password"),
            again=form.secret("new_password_again"),
        )
        outcome = await self.gateway.call(lambda portal: portal.set_password(request))
        if isinstance(outcome, Refused):
            return self._refused(visit, form, outcome)
        return await self._welcome(visit, sid, outcome)

    async def _welcome(self, visit: Visit, sid: str, outcome: PasswordSet) -> Response:
        # Whoever was signed in here is not any more: a password was set, perhaps of another account.
        left = visit.conversation
        await self.gateway.within(lambda tx: tx.sessions.end(left))
        visit.renew(sid)
        if outcome.is_locked:
            # Told now, and not by a Sign In that refuses the new password too (R15).
            return self.go(visit, self.name, done=LOCKED)
        if outcome.signed_in:
            return self.go(visit, "start", note="password_changed")
        return self.go(visit, "sign-in", note="password_set")

    def _refused(self, visit: Visit, form: Form, refused: Refused) -> Response:
        match refused.reason:
            case Reason.TOKEN_VOID:
                options, words = visit.district.options, self.words(visit)
                notice = Notice(words("recover_void", minutes=options.recovery_minutes))
                return self._again(visit, form, notice=notice, status=422, is_void=True)
            case Reason.USERNAME_MISMATCH:
                return self._again(visit, form, problems=[Problem("username", "mismatch")])
            case _:
                return self.refuse(visit, form, refused, token=token_shown(form))

    def _again(self, visit: Visit, form: Form, **shown: Any) -> Response:
        return self.render(visit, form, token=token_shown(form), **shown)

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return what the form shows when nothing was typed yet."""
        options, query = visit.district.options, visit.request.query_params
        return {
            "token": "",
            "is_on": options.parent_single_sign_on,
            "is_locked": query.get("done") == LOCKED,
            "is_void": False,
        }

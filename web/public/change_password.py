"""Show "Change Your Password" and change it, also where it must be changed first."""

from typing import Any

from starlette.responses import Response

from portal.accounts.outcomes import Cause, ChangePassword, LiveSession, Scope
from portal.core.outcomes import Reason, Refused
from portal.transaction import Transaction
from web.public.cookies import new_token
from web.public.forms import Form
from web.public.signed_in import SignedInPage
from web.public.visits import Visit, conversation_of


class ChangePasswordPage(SignedInPage):
    """Replace the password by a new one (R16-R32)."""

    name = "change-password"
    template = "change_password.html"
    scopes = frozenset(Scope)

    async def show_to(self, visit: Visit, live: LiveSession) -> Response:
        """Show the empty form, with the reason where the change is forced."""
        return self.render(visit, **self._around(visit, live))

    async def submit_from(self, visit: Visit, live: LiveSession, form: Form) -> Response:
        """Change the password, or say everything that is wrong at once."""
        if not visit.district.options.parent_single_sign_on:
            return self.render(visit, **self._around(visit, live))
        request = ChangePassword(
            conversation=visit.conversation,
            current=form.secret("current_password"),
            new=form.secret("new_password"),
            again=form.secret("new_password_again"),
            source=visit.source,
            request_id=form.form_id,
        )
        outcome = await self.gateway.call(lambda portal: portal.change_password(request))
        if isinstance(outcome, Refused):
            return self._refused(visit, live, form, outcome)
        return await self._changed(visit)

    def _refused(self, visit: Visit, live: LiveSession, form: Form, refused: Refused) -> Response:
        if refused.reason in {Reason.NOT_SIGNED_IN, Reason.SESSION_ENDED}:
            return self.go(visit, "signed-out")
        return self.refuse(visit, form, refused, **self._around(visit, live))

    async def _changed(self, visit: Visit) -> Response:
        # Whoever knew the old cookie, or planted it, holds nothing any more.
        sid = new_token()

        def moved(tx: Transaction) -> bool:
            tx.sessions.move(visit.conversation, conversation_of(sid))
            return tx.sessions.offered(conversation_of(sid)) is not None

        offers_restore = await self.gateway.within(moved)
        visit.renew(sid)
        return (
            self.go(visit, "restore") if offers_restore else self.go(visit, "start", note="password_changed")
        )

    def _around(self, visit: Visit, live: LiveSession) -> dict[str, Any]:
        why = visit.request.query_params.get("why")
        return {
            "live": self.header(visit, live),
            "is_forced": live.scope is Scope.CHANGE_PASSWORD,
            "why": why if why in set(Cause) else None,
            "is_on": visit.district.options.parent_single_sign_on,
        }

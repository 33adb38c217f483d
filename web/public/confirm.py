"""Show where mails about an address lead: to confirm it, to have the mail again, to stop a change."""

from typing import Any

from starlette.responses import Response

from portal.accounts.outcomes import Confirmation, ConfirmEmail, ResendConfirmation
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from web.public.forms import Form, Problem
from web.public.page import PublicPage
from web.public.recover import token_of, token_shown
from web.public.sheets import Notice
from web.public.visits import Visit


class ConfirmEmailPage(PublicPage):
    """Confirm an address with the token of a mail and the password (R129, R130); looking spends nothing."""

    name = "confirm-email"
    template = "confirm_email.html"

    async def show(self, visit: Visit) -> Response:
        """Show the empty form, or what was confirmed."""
        return self.render(visit)

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Confirm the address."""
        problems = form.problems("token", "password")
        if problems:
            return self._again(visit, form, problems=problems)
        request = ConfirmEmail(visit.asker(form.form_id), Secret(token_of(form)), form.secret("password"))
        outcome = await self.gateway.call(lambda portal: portal.confirm_email(request))
        if isinstance(outcome, Refused):
            return self._refused(visit, form, outcome)
        return self.go(visit, self.name, confirmed=outcome.kind.value)

    def _refused(self, visit: Visit, form: Form, refused: Refused) -> Response:
        match refused.reason:
            case Reason.TOKEN_VOID:
                notice = Notice(self.words(visit)("confirm_void"))
                return self._again(visit, form, notice=notice, status=422)
            case Reason.BAD_CREDENTIALS:
                return self._again(visit, form, problems=[Problem("password", "wrong_password")])
            case _:
                return self.refuse(visit, form, refused, token=token_shown(form))

    def _again(self, visit: Visit, form: Form, **shown: Any) -> Response:
        return self.render(visit, form, token=token_shown(form), **shown)

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return what was confirmed, if anything was."""
        kind = visit.request.query_params.get("confirmed", "")
        return {"confirmed": kind if kind in set(Confirmation) else "", "token": ""}


class SendConfirmationPage(PublicPage):
    """Ask for the mail once more; the answer is the same for everybody."""

    name = "send-confirmation"
    template = "send_confirmation.html"

    async def show(self, visit: Visit) -> Response:
        """Show the form, or that a mail leaves."""
        return self.render(visit)

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Ask for the mail."""
        problems = form.problems("email")
        if problems:
            return self.render(visit, form, problems=problems)
        request = ResendConfirmation(visit.asker(form.form_id), form.text("email"))
        outcome = await self.gateway.within(lambda tx: tx.recovery.ask_confirmation(request))
        if isinstance(outcome, Refused):
            return self.refuse(visit, form, outcome)
        return self.go(visit, self.name, sent="1")

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return whether the mail was asked for."""
        return {"is_sent": "sent" in visit.request.query_params}


class UndoEmailPage(PublicPage):
    """Stop a change of address with the token that went to the old one."""

    name = "undo-email"
    template = "undo_email.html"

    async def show(self, visit: Visit) -> Response:
        """Show the button that stops it, or that it is stopped."""
        return self.render(visit)

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Stop the change and sign every device out."""
        problems = form.problems("token")
        if problems:
            return self.render(visit, form, problems=problems)
        slug, token = visit.district.slug, token_of(form)
        is_undone = await self.gateway.within(lambda tx: tx.preferences.undo_email_change(slug, token))
        if not is_undone:
            # That their address was changed and cannot be kept is nothing to leave a family alone with.
            notice = Notice(self.words(visit)("undo_void"), contact=True)
            return self.render(visit, form, token=token_shown(form), notice=notice, status=422)
        return self.go(visit, self.name, undone="1")

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return whether the change is stopped."""
        return {"is_undone": "undone" in visit.request.query_params, "token": ""}

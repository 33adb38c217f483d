"""Show "Recover Account Sign In Information" and ask for the mails that lead back in."""

from typing import Any

from starlette.responses import Response

from portal.accounts.outcomes import MailAsked, RecoverPassword, RecoverUsername
from portal.core.outcomes import Refused
from portal.transaction import Transaction
from web.public.forms import Form
from web.public.page import PublicPage
from web.public.visits import Visit

PASSWORD = "password"  # noqa: S105  (the name of a tab, not a secret)
USERNAME = "username"


class TroublePage(PublicPage):
    """Recover a password or a username by mail (R38-R41, R45-R48).

    The answer is the same for everybody: it must not tell which names and addresses are on file.
    """

    name = "trouble"
    template = "trouble.html"

    async def show(self, visit: Visit) -> Response:
        """Show the tab that is asked for, or that a mail leaves."""
        return self.render(visit)

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Ask for the mail of the tab."""
        if not visit.district.options.parent_single_sign_on:
            return self.render(visit)
        tab = _tab(visit)
        needed = ("username", "email") if tab == PASSWORD else ("email",)
        problems = form.problems(*needed)
        if problems:
            return self.render(visit, form, problems=problems)

        def asked(tx: Transaction) -> MailAsked | Refused:
            asker, email = visit.asker(form.form_id), form.text("email")
            if tab == PASSWORD:
                return tx.recovery.ask_password(RecoverPassword(asker, form.text("username"), email))
            return tx.recovery.ask_username(RecoverUsername(asker, email))

        outcome = await self.gateway.within(asked)
        if isinstance(outcome, Refused):
            return self.refuse(visit, form, outcome)
        return self.go(visit, self.name, tab=tab, sent="1")

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return which tab is shown, and whether its mail was asked for."""
        options = visit.district.options
        return {
            "tab": _tab(visit),
            "is_sent": "sent" in visit.request.query_params,
            "is_on": options.parent_single_sign_on,
            "minutes": options.recovery_minutes,
        }


def _tab(visit: Visit) -> str:
    return USERNAME if visit.request.query_params.get("tab") == USERNAME else PASSWORD

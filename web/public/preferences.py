"""Show "Account Preferences" and change one of them at a time."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from portal.accounts.outcomes import (
    ChangeEmail,
    ChangeUsername,
    EmailChangeAsked,
    LiveSession,
    PreferencesShown,
    UsernameChanged,
)
from portal.core.outcomes import Reason, Refused
from web.public.forms import Form, Problem
from web.public.linking import links_by_access_id
from web.public.signed_in import SignedInPage
from web.public.visits import LANGUAGE, Visit

NAME, EMAIL, USERNAME, KEEP_EMAIL = "name", "email", "username", "keep_email"
FORMS = (NAME, EMAIL, USERNAME, LANGUAGE)
_NO_SESSION = frozenset({Reason.NOT_SIGNED_IN, Reason.SESSION_ENDED, Reason.MUST_CHANGE_PASSWORD})
_REQUIRED = {
    NAME: ("first_name", "last_name"),
    EMAIL: ("email", "password"),
    USERNAME: ("username", "password"),
    LANGUAGE: ("new_language",),
}
Changed = PreferencesShown | UsernameChanged | EmailChangeAsked | Refused


class PreferencesPage(SignedInPage):
    """Keep a parent's own settings (R104): name, address, username, password, language."""

    name = "preferences"
    template = "preferences.html"

    async def show_to(self, visit: Visit, live: LiveSession) -> Response:
        """Show the settings, or the form of the one that is to be changed."""
        return await self._shown(visit, live, None)

    async def submit_from(self, visit: Visit, live: LiveSession, form: Form) -> Response:
        """Change the one setting whose form was sent."""
        what = form.text("what")
        work = self._works().get(what)
        if work is None:
            return await self._shown(visit, live, None)
        problems = form.problems(*_REQUIRED.get(what, ()))
        if problems:
            return await self._shown(visit, live, form, problems=problems)
        outcome = await work(visit, form)
        if isinstance(outcome, Refused):
            return await self._refused(visit, live, form, outcome)
        if what == LANGUAGE:
            return self.go(visit, self.name, note="language_saved", language=form.text("new_language"))
        return self.go(visit, self.name, note=f"{what}_saved")

    def _works(self) -> Mapping[str, Callable[[Visit, Form], Awaitable[Changed]]]:
        return {
            NAME: self._name,
            EMAIL: self._email,
            USERNAME: self._username,
            LANGUAGE: self._language,
            KEEP_EMAIL: self._keep_email,
        }

    async def _name(self, visit: Visit, form: Form) -> Changed:
        first, last = form.text("first_name"), form.text("last_name")
        return await self.gateway.within(
            lambda tx: tx.preferences.change_name(visit.conversation, first, last)
        )

    async def _language(self, visit: Visit, form: Form) -> Changed:
        chosen = form.text("new_language")
        return await self.gateway.within(
            lambda tx: tx.preferences.change_language(visit.conversation, chosen)
        )

    async def _keep_email(self, visit: Visit, form: Form) -> Changed:
        return await self.gateway.within(lambda tx: tx.preferences.cancel_email_change(visit.conversation))

    async def _email(self, visit: Visit, form: Form) -> Changed:
        email, password = form.text("email"), form.secret("password")
        request = ChangeEmail(visit.conversation, visit.source, email, password, form.form_id)
        return await self.gateway.call(lambda portal: portal.change_email(request))

    async def _username(self, visit: Visit, form: Form) -> Changed:
        username, password = form.text("username"), form.secret("password")
        request = ChangeUsername(visit.conversation, visit.source, username, password, form.form_id)
        return await self.gateway.call(lambda portal: portal.change_username(request))

    async def _refused(self, visit: Visit, live: LiveSession, form: Form, refused: Refused) -> Response:
        if refused.reason in _NO_SESSION:
            return self._turned_away(visit, refused)
        if refused.reason is Reason.BAD_CREDENTIALS:
            wrong = [Problem("password", "wrong_password")]
            return await self._shown(visit, live, form, problems=wrong)
        around = await self._around(visit, live, form)
        return self.refuse(visit, form, refused, suggestions=refused.choices, **around)

    async def _shown(self, visit: Visit, live: LiveSession, form: Form | None, **shown: Any) -> Response:
        around = await self._around(visit, live, form)
        return self.render(visit, form, suggestions=(), **shown, **around)

    async def _around(self, visit: Visit, live: LiveSession, form: Form | None) -> dict[str, Any]:
        settings = await self.gateway.within(lambda tx: tx.preferences.show(visit.conversation))
        asked = form.text("what") if form else visit.request.query_params.get("change", "")
        codes = visit.district.options.locales
        first, _, last = live.display_name.rpartition(" ")
        return {
            "live": self.header(visit, live),
            "settings": None if isinstance(settings, Refused) else settings,
            "what": asked if asked in FORMS else None,
            "locales": [(code, self.words(visit).called(code)) for code in codes],
            "names": (first, last),
            "by_school": not links_by_access_id(visit.district.options),
        }

"""Make files of what a page shows: a page to print, and MyData of all the children."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Refused
from portal.records.files import FileKind, as_asked
from portal.records.turned_on import is_on
from portal.transaction import Transaction
from web.public.desk import LONGEST, PAGE, PRINTED, chosen, meant_child
from web.public.forms import Form
from web.public.records.record_page import question_of
from web.public.records.start import StartPage
from web.public.signed_in import SignedInPage
from web.public.visits import Visit


class PrintPage(SignedInPage):
    """Make the printer-friendly version of a page, when the Printer button is pressed (R91)."""

    name = "print"
    template = ""

    async def show_to(self, visit: Visit, live: LiveSession) -> Response:
        """Lead whoever opens the address by hand to the page itself: looking at it makes nothing."""
        return self._page(visit)

    async def submit_from(self, visit: Visit, live: LiveSession, form: Form) -> Response:
        """Send the browser to the file, or back to the page, which says why there is none."""
        path = await self.gateway.within(lambda tx: self._made(tx, visit))
        return self._page(visit) if path is None else RedirectResponse(path, status_code=303)

    def place(self, visit: Visit) -> dict[str, Any]:
        """Return no place: there is nothing to come back to."""
        return {}

    def _made(self, tx: Transaction, visit: Visit) -> str | None:
        page, child = visit.request.query_params.get(PAGE), meant_child(visit)
        if page not in PRINTED or child is None or not is_on(page, visit.district.options):
            return None
        asked = as_asked(question_of(visit, child, tuple(LONGEST)))
        allowed = tx.records.child(visit.conversation, child.label)
        if isinstance(allowed, Refused):
            return None
        words = self.words(visit)
        path = tx.files.offer(visit.conversation, FileKind.PAGE, page=page, language=words.language, **asked)
        return None if isinstance(path, Refused) else path

    def _page(self, visit: Visit) -> Response:
        page = visit.request.query_params.get(PAGE, "")
        return self.go(visit, page if page in PRINTED else StartPage.name, **chosen(visit, *LONGEST))


class MyDataPage(SignedInPage):
    """Say what MyData is, and make the file of all the children's data (R87-R89)."""

    name = "my-data"
    template = "records/my_data.html"

    async def show_to(self, visit: Visit, live: LiveSession) -> Response:
        """Show the button, or say that the school has not turned it on."""
        on = is_on(self.name, visit.district.options)
        template = self.template if on else "records/off.html"
        return self.render(visit, template=template, live=self.header(visit, live))

    async def submit_from(self, visit: Visit, live: LiveSession, form: Form) -> Response:
        """Send the browser to the file."""
        if not is_on(self.name, visit.district.options):
            return await self.show_to(visit, live)
        path = await self.gateway.within(lambda tx: self._made(tx, visit))
        return self.go(visit, StartPage.name) if path is None else RedirectResponse(path, status_code=303)

    def _made(self, tx: Transaction, visit: Visit) -> str | None:
        allowed = [tx.records.child(visit.conversation, child.label) for child in visit.children]
        if all(isinstance(child, Refused) for child in allowed):
            # Nothing would be in it: the Start Page says why, and what to do.
            return None
        language = self.words(visit).language
        path = tx.files.offer(visit.conversation, FileKind.MY_DATA, language=language)
        return None if isinstance(path, Refused) else path

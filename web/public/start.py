"""Show the Start Page: who is signed in, and a tab for each of their children."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Refused
from portal.records.answers import Child, Students
from web.public.linking import links_by_access_id
from web.public.signed_in import PAGE, SignedInPage
from web.public.visits import Visit

STUDENT = "student"
LONGEST_ID = 64


class StartPage(SignedInPage):
    """Welcome the parent, and show one child at a time."""

    name = "start"
    template = "start.html"
    methods = ("GET",)

    async def show_to(self, visit: Visit, live: LiveSession) -> Response:
        """Show the tab that was chosen, else the first."""
        several = visit.district.options.parent_single_sign_on
        found = await self.gateway.within(lambda tx: tx.records.students(visit.conversation))
        children: Sequence[Child] = () if isinstance(found, Refused) else found.children
        chosen = visit.request.query_params.get(STUDENT)
        child = next((each for each in children if each.student_id == chosen), next(iter(children), None))
        return self.render(
            visit,
            live=self.header(visit, live),
            # Without one sign-in for several children there are no tabs (R81).
            tabs=_tabs(visit, found) if several and isinstance(found, Students) else (),
            child=child,
            by_school=not links_by_access_id(visit.district.options),
            current=None if child is None else visit.link(self.name, student=child.student_id),
        )

    def place(self, visit: Visit) -> Mapping[str, Any]:
        """Remember the selected child with the page."""
        chosen = visit.request.query_params.get(STUDENT, "")
        # Whatever somebody puts into the address: more than an id is not kept.
        is_kept = 0 < len(chosen) <= LONGEST_ID
        return {PAGE: self.name, STUDENT: chosen} if is_kept else {PAGE: self.name}


def _tabs(visit: Visit, students: Students) -> list[tuple[str, str]]:
    return [
        (visit.link(StartPage.name, student=child.student_id), child.label) for child in students.children
    ]

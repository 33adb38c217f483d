"""Show "Link Students to Account" to a parent who is signed in, and take students off again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from portal.accounts.outcomes import LinkStudents, LiveSession, StudentsLinked
from portal.core.options import AccountOpening, DistrictOptions
from portal.core.outcomes import Reason, Refused
from web.public.claims import ADD, StudentGroups, group_values
from web.public.desk import desk_of
from web.public.forms import Form
from web.public.signed_in import SignedInPage, meet
from web.public.visits import Visit

REMOVE = "remove"
_NO_SESSION = frozenset({Reason.NOT_SIGNED_IN, Reason.SESSION_ENDED, Reason.MUST_CHANGE_PASSWORD})


def links_by_access_id(options: DistrictOptions) -> bool:
    """Tell whether parents of a district link students themselves, and not their school."""
    return options.parent_single_sign_on and options.account_opening is AccountOpening.ACCESS_ID


class LinkStudentsPage(SignedInPage):
    """Link students by their Access IDs (R58-R62), all of them or none."""

    name = "link-students"
    template = "link_students.html"

    async def show_to(self, visit: Visit, live: LiveSession) -> Response:
        """Show the students who are linked, the form for more, or whether one is to be removed."""
        return self.render(visit, **self._around(visit, live))

    async def submit_from(self, visit: Visit, live: LiveSession, form: Form) -> Response:
        """Link the students, or remove the one that was confirmed."""
        around = self._around(visit, live)
        if form.has(REMOVE):
            return await self._remove(visit, form)
        groups = StudentGroups.of(form)
        if form.has(ADD):
            return self.render(visit, form, **{**around, "shown": groups.shown + 1, "was_added": True})
        around["shown"] = groups.shown
        problems = groups.problems(form)
        if problems:
            return self.render(visit, form, problems=problems, **around)
        return await self._link(visit, form, groups, around)

    async def _link(
        self, visit: Visit, form: Form, groups: StudentGroups, around: Mapping[str, Any]
    ) -> Response:
        request = LinkStudents(visit.conversation, visit.source, groups.claims(form), form.form_id)
        outcome = await self.gateway.call(lambda portal: portal.link_students(request))
        if isinstance(outcome, StudentsLinked):
            # Their tabs are there from now on.
            await self.gateway.within(lambda tx: meet(tx, visit))
            header = replace(around["live"], desk=desk_of(visit, self.words(visit), self.name))
            return self.render(visit, template="students_linked.html", live=header, outcome=outcome)
        if outcome.reason in _NO_SESSION:
            return self._turned_away(visit, outcome)
        if not outcome.violations:
            return self.refuse(visit, form, outcome, **around)
        return self.render(visit, form, problems=groups.said(outcome.violations), **around)

    async def _remove(self, visit: Visit, form: Form) -> Response:
        student = form.text(REMOVE)
        outcome = await self.gateway.within(lambda tx: tx.claims.unlink(visit.conversation, student))
        if isinstance(outcome, Refused):
            return self._turned_away(visit, outcome)
        # Removing twice is no mistake: the second press finds it done.
        return self.go(visit, self.name, note="student_removed")

    def _around(self, visit: Visit, live: LiveSession) -> dict[str, Any]:
        options = visit.district.options
        asked = visit.request.query_params.get(REMOVE)
        return {
            "live": self.header(visit, live),
            "by_school": not links_by_access_id(options),
            "children": visit.children,
            "leaving": next((child for child in visit.children if child.student_id == asked), None),
            **group_values(self.words(visit)),
        }

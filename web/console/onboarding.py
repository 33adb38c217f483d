"""Show how far the families of each school have come, and who has no account yet."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal.core.outcomes import Reason, Refused
from portal.helpdesk.onboarding.funnel import GroupBy
from portal.helpdesk.onboarding.outcomes import FamilyStep, FunnelRow, Page, SchoolLetters, StudentWithout
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.transaction import Transaction
from web.console.csv_file import csv_file
from web.console.letters import language_name
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit

Counts = tuple[FunnelRow, ...]
# Nobody has a thousand pages of fifty to look through; a number that is longer was made up.
MOST_DIGITS = 6


class OnboardingPage(ConsolePage):
    """Show the steps by school and by language, and the students whose family has no account."""

    name = "onboarding"
    template = "onboarding.html"
    deed = Deed.SEE_FUNNEL
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show it; naming students is a look that is noted."""
        school, number = _asked(visit)
        found = _one(await self.within(visit, lambda tx, member: _look(tx, member, school, number)))
        schools, by_school, by_language, without = found
        return self.render(
            visit,
            steps=list(FamilyStep),
            schools=schools,
            by_school=by_school,
            by_language=[(self._said(visit, row), row) for row in by_language],
            total=_total(by_school),
            without=without,
            chosen_school=school,
            spoken=language_name,
        )

    def _said(self, visit: ConsoleVisit, row: FunnelRow) -> str:
        return language_name(row.name) if row.name else self.words(visit)("onboarding_no_letter")


class OnboardingCountsPage(ConsolePage):
    """Hand the counts out as a file; nobody is named in it."""

    name = "onboarding/counts.csv"
    template = "onboarding.html"
    deed = Deed.SEE_FUNNEL
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Return the file."""
        by = GroupBy.LANGUAGE if visit.request.query_params.get("by") == GroupBy.LANGUAGE else GroupBy.SCHOOL
        counts: Counts = _one(await self.within(visit, lambda tx, member: tx.funnel.counts(member, by)))
        titles = (by.value, "students", *(step.value for step in FamilyStep))
        rows = [(row.name, row.students, *(row.reached[step] for step in FamilyStep)) for row in counts]
        return csv_file(f"onboarding-by-{by.value}.csv", titles, rows)


class OnboardingWithoutPage(ConsolePage):
    """Hand out as a file whose family has no account; no address, no telephone, nothing that opens."""

    name = "onboarding/without-account.csv"
    template = "onboarding.html"
    deed = Deed.SEE_FUNNEL
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Return the file; that it was taken is noted."""
        school, _ = _asked(visit)
        found: Sequence[StudentWithout]
        found = _one(await self.within(visit, lambda tx, member: tx.funnel.export(member, school)))
        titles = ("student_number", "student", "grade", "school", "language", "letter_printed", "link_used")
        rows = [
            (
                *(each.identifier, each.name, each.grade, each.school, each.language),
                each.printed_at and each.printed_at.date().isoformat(),
                "yes" if each.started_at else "no",
            )
            for each in found
        ]
        return csv_file("without-account.csv", titles, rows)


def _asked(visit: ConsoleVisit) -> tuple[str, int]:
    query = visit.request.query_params
    number = query.get("page", "1")
    is_number = number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS
    return query.get("school", ""), int(number) if is_number else 1


def _look(
    tx: Transaction, member: StaffMember, school: str, number: int
) -> tuple[tuple[SchoolLetters, ...], Counts, Counts, Page[StudentWithout]] | Refused:
    schools = tx.letters.schools(member)
    by_school, by_language = (tx.funnel.counts(member, by) for by in GroupBy)
    without = tx.funnel.without_account(member, school, number)
    if (
        isinstance(schools, Refused)
        or isinstance(by_school, Refused)
        or isinstance(by_language, Refused)
        or isinstance(without, Refused)
    ):
        return without if isinstance(without, Refused) else Refused(Reason.FORBIDDEN)
    return schools, by_school, by_language, without


def _one(found: Any) -> Any:
    """Return what was found, or turn whoever asks away."""
    if isinstance(found, Refused):
        raise HTTPException(404 if found.reason is Reason.NOT_FOUND else 403, detail=found.reason.value)
    return found


def _total(rows: Counts) -> FunnelRow:
    reached: Mapping[FamilyStep, int] = {step: sum(row.reached[step] for row in rows) for step in FamilyStep}
    return FunnelRow("", sum(row.students for row in rows), reached)

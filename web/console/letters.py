"""Print the letters of a school, and take them as one file."""

from typing import Any

from babel import Locale
from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal.core.errors import SettingsError
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.onboarding.outcomes import (
    AUTO,
    Layout,
    LetterRun,
    LettersAsked,
    NothingToPrint,
    SchoolLetters,
)
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.transaction import Transaction
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form, Problem

WHOLE_DISTRICT = "*"
Shown = tuple[tuple[SchoolLetters, ...], tuple[LetterRun, ...]]


class LettersPage(ConsolePage):
    """Show who has a letter, school by school, and begin a run."""

    name = "letters"
    template = "letters.html"
    deed = Deed.PRINT_LETTERS
    in_menu = True

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the schools and the last runs; looking prints nothing."""
        return await self._shown(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Begin a run, or go to the one that is open for the same."""
        anew = form.has("student")
        problems = form.problems(*(["student"] if anew else []), optional=("school", "language", "layout"))
        if not problems and not anew and not form.text("school"):
            problems = [Problem("school", "empty")]
        if problems:
            return await self._shown(visit, form, problems=problems)
        begun = await self.within(visit, lambda tx, member: _begin(tx, member, form))
        if begun == Refused(Reason.NOT_FOUND):
            field = "student" if anew else "school"
            return await self._shown(visit, form, problems=[Problem(field, "not_here")])
        if isinstance(begun, Refused):
            return self.refuse(visit, begun, form, **await self._values(visit))
        if isinstance(begun, NothingToPrint):
            return await self._shown(visit, form, notice="letters_nothing", status=409)
        return self.go(visit, f"letters/{begun.run_id}")

    async def _shown(self, visit: ConsoleVisit, form: Form | None = None, **how: Any) -> Response:
        return self.render(visit, form, **how, **await self._values(visit))

    async def _values(self, visit: ConsoleVisit) -> dict[str, Any]:
        found = await self.within(visit, _look)
        if isinstance(found, Refused):
            raise HTTPException(403, detail=found.reason.value)
        schools, runs = found
        district = visit.district
        locales = district.options.locales if district else ()
        spans = visit.member is not None and not visit.member.is_of_schools
        return {
            "schools": schools,
            "is_pilot": bool(district and district.options.pilot_schools),
            "runs": runs,
            "whole": WHOLE_DISTRICT if spans and len(schools) > 1 else "",
            "languages": [(code, language_name(code)) for code in locales],
        }


class LetterRunPage(ConsolePage):
    """Show one run: take its letters, as often as need be, and then forget what they were made from."""

    name = "letters/{run}"
    template = "letter_run.html"
    deed = Deed.PRINT_LETTERS

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show how far the run is."""
        run_id = visit.request.path_params["run"]
        run = await self.within(visit, lambda tx, member: tx.letters.run(member, run_id))
        return self.refuse_or(visit, run)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Hand the file over, or finish the run."""
        run_id = visit.request.path_params["run"]
        if form.has("finish"):
            done = await self.within(visit, lambda tx, member: tx.letters.finish(member, run_id))
            if isinstance(done, Refused):
                return self.refuse_or(visit, done)
            return self.go(visit, f"letters/{run_id}", note="letters_finished")
        return await self._file(visit, run_id)

    def refuse_or(self, visit: ConsoleVisit, run: LetterRun | Refused) -> Response:
        """Return the run's page, or why there is none."""
        if isinstance(run, Refused):
            raise HTTPException(404 if run.reason is Reason.NOT_FOUND else 403, detail=run.reason.value)
        return self.render(visit, run=run, spoken=_said(run.language))

    async def _file(self, visit: ConsoleVisit, run_id: str) -> Response:
        printer = self.site.letters
        run = await self.within(visit, lambda tx, member: tx.letters.run(member, run_id))
        if isinstance(run, Refused):
            return self.refuse_or(visit, run)
        if printer is None:
            return self.render(visit, notice="letters_no_link", status=409, run=run, spoken="")

        def who(tx: Transaction) -> StaffMember | Refused:
            return tx.staff_sessions.current(visit.sid)

        try:
            made = await self.gateway.call(lambda portal: printer.print(portal, who, run_id))
        except SettingsError:
            # The sentence is for whoever runs the server; here it is said who to ask.
            return self.render(
                visit, notice="letters_no_link", status=409, run=run, spoken=_said(run.language)
            )
        if isinstance(made, Refused):
            return self.refuse(visit, made, run=run, spoken=_said(run.language))
        name = f"letters-{run.begun_at:%Y-%m-%d}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(made.content, media_type="application/pdf", headers=headers)


def language_name(code: str) -> str:
    """Return what staff call a language."""
    return str(Locale.parse(code, sep="-").get_display_name("en") or code)


def _said(language: str) -> str:
    return "" if language == AUTO else language_name(language)


def _look(tx: Transaction, member: StaffMember) -> Shown | Refused:
    schools, runs = tx.letters.schools(member), tx.letters.runs(member)
    if isinstance(schools, Refused):
        return schools
    return runs if isinstance(runs, Refused) else (schools, runs)


def _begin(tx: Transaction, member: StaffMember, form: Form) -> LetterRun | NothingToPrint | Refused:
    district = tx.districts.get_one(member.district)
    language = form.text("language") or AUTO
    if language not in {AUTO, *district.options.locales}:
        return Refused(Reason.INVALID_REQUEST)
    school, student = form.text("school"), ""
    if form.has("student"):
        found = tx.imports.find_student(member.district, form.text("student"))
        if found is None:
            return Refused(Reason.NOT_FOUND)
        school, student = "", found.id
    asked = LettersAsked(
        request_id=form.form_id,
        school="" if school == WHOLE_DISTRICT else school,
        student=student,
        language=language,
        layout=Layout.HOUSEHOLD if form.text("layout") == Layout.HOUSEHOLD.value else Layout.EACH,
        again=form.text("again") == "yes",
    )
    return tx.letters.ask(member, asked)

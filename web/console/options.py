"""Let a district administrator see and change the district's options, with a preview of each change."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal.core.options import DEFAULT_SCHOOL
from portal.core.outcomes import Refused
from portal.helpdesk.options.fields import FIELDS, OptionField, Section, fields_of
from portal.helpdesk.options.outcomes import OptionSheet, OptionsPreview
from portal.helpdesk.staff.roles import Deed
from web.console.option_words import LINES, said_label, said_value, shown_value, typed_value
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form
from web.words import Words

WHY = "why"
VERSION = "version"
STEP = "step"


class OptionsPage(ConsolePage):
    """Show all options as they count, and decide about what the console set beside the file."""

    name = "options"
    template = "options.html"
    deed = Deed.EDIT_OPTIONS
    in_menu = True

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show them by section."""
        return await self._shown(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Take one option back to the file, or decide that the console's value stays."""
        name, version = form.text("option"), _number(form.text(VERSION))
        takes_back = form.text(STEP) == "take_back"
        done = await self.within(
            visit,
            lambda tx, member: (
                tx.editing_options.take_back(member, name, version=version)
                if takes_back
                else tx.editing_options.keep(member, name, version=version)
            ),
        )
        if isinstance(done, Refused):
            return await self._shown(visit, done)
        return self.go(visit, self.name, note="option_taken_back" if takes_back else "option_kept")

    async def _shown(self, visit: ConsoleVisit, refused: Refused | None = None) -> Response:
        found = await self.within(visit, lambda tx, member: tx.editing_options.show(member))
        if isinstance(found, Refused):
            return self.refuse(visit, found)
        words = self.words(visit)
        values = {
            **_sayings(words, found),
            "sheet_of": found,
            "sections": {section: fields_of(section) for section in Section if section is not Section.HELP},
            "helped": {DEFAULT_SCHOOL: words("option_help_default"), **found.schools},
            "base_url": visit.district.options.public_base_url if visit.district else None,
        }
        return self.refuse(visit, refused, **values) if refused else self.render(visit, **values)


class OptionsSectionPage(ConsolePage):
    """Change the options of one section: typed, previewed, saved with a reason."""

    name = "options/{section}"
    template = "options_section.html"
    deed = Deed.EDIT_OPTIONS

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the options as they count, to be changed."""
        return await self._asked(visit, None)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Preview what was typed, or save what was previewed."""
        fields, sheet = _fields(visit), await self._sheet(visit)
        lines = [each.slot for each in fields if each.kind in LINES]
        problems = form.problems(optional=[each.slot for each in fields] + [WHY], lines=lines)
        if problems:
            return await self._asked(visit, form, problems=problems)
        typed = {each.name: typed_value(each, form, sheet.values[each.name]) for each in fields}
        if form.text(STEP) == "save":
            return await self._saved(visit, form, typed, sheet)
        if form.text(STEP) == "edit":
            return await self._asked(visit, form)
        return await self._previewed(visit, form, typed, sheet)

    async def _previewed(
        self, visit: ConsoleVisit, form: Form, typed: Mapping[str, Any], sheet: OptionSheet
    ) -> Response:
        found = await self.within(visit, lambda tx, member: tx.editing_options.preview(member, typed))
        if isinstance(found, Refused):
            return await self._asked(visit, form, refused=found)
        if not found.changes:
            return await self._asked(visit, form, notice="options_nothing_changed")
        return self._preview(visit, form, found, sheet)

    async def _saved(
        self, visit: ConsoleVisit, form: Form, typed: Mapping[str, Any], sheet: OptionSheet
    ) -> Response:
        version, why = _number(form.text(VERSION)), form.text(WHY)
        if not why:
            found = await self.within(visit, lambda tx, member: tx.editing_options.preview(member, typed))
            if not isinstance(found, Refused):
                return self._preview(visit, form, found, sheet, problems=form.problems(WHY))
        done = await self.within(
            visit, lambda tx, member: tx.editing_options.save(member, typed, version=version, why=why)
        )
        if isinstance(done, Refused):
            return await self._asked(visit, form, refused=done)
        return self.go(visit, OptionsPage.name, note="options_saved")

    def _preview(
        self, visit: ConsoleVisit, form: Form, found: OptionsPreview, sheet: OptionSheet, **told: Any
    ) -> Response:
        names = [name for name in form.values if name not in {STEP, WHY, VERSION, "csrf"}]
        return self.render(
            visit,
            form,
            template="options_preview.html",
            preview=found,
            carried={name: form.values[name] for name in names},
            back=_address(visit),
            **{**_sayings(self.words(visit), sheet), "version": found.version},
            **told,
        )

    async def _asked(
        self, visit: ConsoleVisit, form: Form | None, *, refused: Refused | None = None, **told: Any
    ) -> Response:
        sheet, fields, words = await self._sheet(visit), _fields(visit), self.words(visit)
        values = {
            **_sayings(words, sheet),
            "section": visit.request.path_params["section"],
            "fields": fields,
            "values": {each.slot: shown_value(each, sheet.values[each.name]) for each in fields},
            "languages": {code: words.called(code) for code in sorted(words.languages)},
            "chosen": form.ticked("locales:") if form else sheet.values["locales"],
            "schools": sheet.schools,
            "piloted": form.ticked("pilot_schools:") if form else sheet.values["pilot_schools"],
            "is_anew": form is None,
            "heading": self._heading(visit, words, sheet),
        }
        if refused is not None:
            return self.refuse(visit, refused, form, **values)
        return self.render(visit, form, **values, **told)

    async def _sheet(self, visit: ConsoleVisit) -> OptionSheet:
        found = await self.within(visit, lambda tx, member: tx.editing_options.show(member))
        if isinstance(found, Refused):
            raise HTTPException(403, detail=found.reason.value)
        if any(field.name not in found.values for field in _fields(visit)):
            raise HTTPException(404, detail="not_found")
        return found

    def _heading(self, visit: ConsoleVisit, words: Words, sheet: OptionSheet) -> str:
        return words(f"options_section_{visit.request.path_params['section']}")


class OptionsHelpPage(OptionsSectionPage):
    """Change what "contact your school" says for one school."""

    name = "options/help/{school}"

    def _heading(self, visit: ConsoleVisit, words: Words, sheet: OptionSheet) -> str:
        school = visit.request.path_params["school"]
        whose = (
            words("option_help_default") if school == DEFAULT_SCHOOL else sheet.schools.get(school, school)
        )
        return words("options_help_of", school=whose)


def _fields(visit: ConsoleVisit) -> Sequence[OptionField]:
    asked = visit.request.path_params
    if "school" in asked:
        asked["section"] = Section.HELP.value
        return fields_of(Section.HELP, asked["school"])
    known = {field.section for field in FIELDS}
    if asked["section"] not in known:
        raise HTTPException(404, detail="not_found")
    return fields_of(Section(asked["section"]))


def _address(visit: ConsoleVisit) -> str:
    return visit.request.url.path


def _sayings(words: Words, sheet: OptionSheet) -> dict[str, Any]:
    return {
        "said": partial(said_value, words, sheet.schools),
        "label": lambda field: said_label(words, field, sheet.schools),
        "version": sheet.version,
        "values_of": sheet.values,
    }


def _number(typed: str) -> int:
    # A version that is none is one that nobody was shown.
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < len(str(2**31)) else -1

"""Let staff announce something to the families of their schools, in each language of the district."""

from datetime import date
from typing import Any

from starlette.responses import Response

from portal.core.outcomes import Refused
from portal.helpdesk.announcing.outcomes import Announcement, Announcements, NewAnnouncement
from portal.helpdesk.staff.roles import Deed
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form, Problem
from web.words import Words

EVERY = "every"
STEP = "step"


class AnnouncementsPage(ConsolePage):
    """Show what is announced, what will be and what was."""

    name = "announcements"
    template = "announcements.html"
    deed = Deed.WRITE_ANNOUNCEMENTS
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show them."""
        found = await self.within(visit, lambda tx, member: tx.announcing.listed(member))
        if isinstance(found, Refused):
            return self.refuse(visit, found)
        return self.render(visit, found=found, called=self.words(visit).called)


class AnnouncementPage(ConsolePage):
    """Write, change or take back one announcement; `new` is one that is not there yet."""

    name = "announcements/{announcement}"
    template = "announcement.html"
    deed = Deed.WRITE_ANNOUNCEMENTS
    # A text in each of eleven languages, some of which need nine bytes a letter in a form.
    most_bytes = 200_000

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the form."""
        return await self._asked(visit, None)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Do what the pressed button says."""
        asked = _asked_for(visit)
        if form.text(STEP) == "remove" and asked:
            done = await self.within(visit, lambda tx, member: tx.announcing.remove(member, asked))
            note = "announcement_removed"
        else:
            found = await self._found(visit)
            if isinstance(found, Refused):
                return self.refuse(visit, found)
            new = _typed(form, found)
            if not isinstance(new, NewAnnouncement):
                return await self._asked(visit, form, problems=new)
            done = await self._put(visit, form, new, asked)
            note = "announcement_saved"
        if isinstance(done, Refused):
            return await self._asked(visit, form, refused=done)
        return self.go(visit, AnnouncementsPage.name, note=note)

    async def _put(
        self, visit: ConsoleVisit, form: Form, new: NewAnnouncement, asked: str
    ) -> Announcement | Refused:
        if not asked:
            return await self.within(
                visit, lambda tx, member: tx.announcing.write(member, new, request_id=form.form_id)
            )
        typed = form.text("version")
        version = int(typed) if typed.isascii() and typed.isdecimal() else -1
        return await self.within(
            visit, lambda tx, member: tx.announcing.change(member, asked, new, version=version)
        )

    async def _found(self, visit: ConsoleVisit) -> Announcements | Refused:
        return await self.within(visit, lambda tx, member: tx.announcing.listed(member))

    async def _asked(
        self, visit: ConsoleVisit, form: Form | None, *, refused: Refused | None = None, **told: Any
    ) -> Response:
        found, asked = await self._found(visit), _asked_for(visit)
        if isinstance(found, Refused):
            return self.refuse(visit, found)
        known: Announcement | None = None
        if asked:
            one = await self.within(visit, lambda tx, member: tx.announcing.one(member, asked))
            if isinstance(one, Refused):
                return self.refuse(visit, one)
            known = one
        words = self.words(visit)
        values: dict[str, Any] = {
            "found": found,
            "known": known,
            "schools": _schools(words, found),
            "called": words.called,
        }
        if refused is not None:
            return self.refuse(visit, refused, form, **values)
        return self.render(visit, form, **values, **told)


def _asked_for(visit: ConsoleVisit) -> str:
    asked = visit.request.path_params["announcement"]
    return "" if asked == "new" else str(asked)


def _schools(words: Words, found: Announcements) -> list[tuple[str, str]]:
    every = [(EVERY, words("announcement_every_school"))] if found.every_school else []
    return [*every, *found.schools.items()]


def _typed(form: Form, found: Announcements) -> NewAnnouncement | list[Problem]:
    fields = [(f"title.{language}", f"text.{language}") for language in found.languages]
    named = [name for pair in fields for name in pair]
    problems = form.problems("school", "since", "until", optional=named, lines=named)
    since, until = _day(form.text("since")), _day(form.text("until"))
    problems += [
        Problem(name, "day")
        for name, day in (("since", since), ("until", until))
        if day is None and form.text(name)
    ]
    if problems or since is None or until is None:
        return problems
    school = form.text("school")
    texts = {
        language: (form.text(f"title.{language}"), "\n".join(form.text(f"text.{language}").splitlines()))
        for language in found.languages
        if form.text(f"title.{language}") or form.text(f"text.{language}")
    }
    return NewAnnouncement("" if school == EVERY else school, since, until, texts)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None

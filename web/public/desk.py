"""Lay out what stands around every page of a signed-in parent: the toolbar, the menu, the district code."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.core.options import LaunchLink
from portal.records.answers import Child
from portal.records.turned_on import is_on
from web.public.visits import Visit
from web.words import Words

PAGE, STUDENT, TERM, COURSE, WORK = "page", "student", "term", "course", "work"
# What a page's address may choose, and how long that may be; more than this is never kept.
LONGEST = {STUDENT: 64, TERM: 200, COURSE: 200, WORK: 16}

# The pages that are made as a file to print, with the student, the school and the district (R91).
PRINTED = frozenset(
    [
        "grades",
        "assignments",
        "test-results",
        "grades-history",
        "attendance-history",
        "teacher-comments",
        "school-bulletin",
        "balance",
        "my-schedule",
        "school-information",
    ]
)
# The pages of the navigation menu in the order of the portal's guide; their names are its own.
MENU = (
    "grades",
    "test-results",
    "grades-history",
    "attendance-history",
    "email-notifications",
    "teacher-comments",
    "school-bulletin",
    "class-registration",
    "balance",
    "my-calendars",
    "my-schedule",
    "school-information",
    "preferences",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Name one place to go to."""

    address: str
    text: str
    is_here: bool = False

    @property
    def pair(self) -> tuple[str, str]:
        """Return address and words, as tabs are made of them."""
        return self.address, self.text


@dataclass(frozen=True, slots=True)
class Desk:
    """Hold the toolbar and the menu of a page.

    `tabs` are the children's, none without one sign-in for several (R81). `code` is shown only where
    the portal is registered with the mobile service (R108). `my_data` and `printer` are where their buttons
    lead; a page without a `printer` is printed as the browser does it.
    """

    tabs: Sequence[Entry]
    menu: Sequence[Entry]
    applications: Sequence[LaunchLink]
    platforms: Sequence[LaunchLink]
    my_data: str | None
    printer: str | None
    code: str | None


def chosen_child(visit: Visit) -> Child | None:
    """Return the child whose tab was chosen, else the first.

    Somebody else's child, one who was unlinked and one who never was are all the same: not chosen.
    """
    return meant_child(visit) or next(iter(visit.children), None)


def meant_child(visit: Visit) -> Child | None:
    """Return the child that a form is about, and no other.

    What was sent for a child who has gone from the account meanwhile must never be done for the first tab.
    """
    asked = visit.request.query_params.get(STUDENT)
    return next((child for child in visit.children if child.student_id == asked), None)


def chosen(visit: Visit, *names: str) -> dict[str, str]:
    """Return what the page's address chooses, without what is empty or longer than anything of ours."""
    asked = {name: visit.request.query_params.get(name, "") for name in names}
    return {name: text for name, text in asked.items() if 0 < len(text) <= LONGEST[name]}


def desk_of(visit: Visit, words: Words, page: str) -> Desk:
    """Return what stands around a page; every way from it keeps the child that is chosen."""
    options = visit.district.options
    child = chosen_child(visit)
    kept = {} if child is None else {STUDENT: child.student_id}
    return Desk(
        tabs=_tabs(visit, page, child) if options.parent_single_sign_on else (),
        menu=[
            Entry(visit.link(name, **kept), words(f"menu_{name}"), name == page)
            for name in MENU
            if is_on(name, options)
        ],
        applications=(*options.plugins, *options.learning_platforms),
        platforms=options.learning_platforms,
        my_data=visit.link("my-data", **kept) if is_on("my-data", options) else None,
        printer=_printer(visit, page, child),
        code=options.district_code if options.mobile_server else None,
    )


def _printer(visit: Visit, page: str, child: Child | None) -> str | None:
    if child is None or page not in PRINTED:
        return None
    shown = {**chosen(visit, *LONGEST), STUDENT: child.student_id}
    return visit.link("print", page=page, **shown)


def _tabs(visit: Visit, page: str, here: Child | None) -> list[Entry]:
    return [
        Entry(visit.link(page, student=child.student_id), child.label, child is here)
        for child in visit.children
    ]

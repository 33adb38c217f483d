"""Complete a set that says only what changed with what the district has."""

from typing import Any

from portal.sis.report import Mode, Problem, Report
from portal.sis.source import Kind, StatedBy
from portal.sis.stager import NO_DETAIL, Stager
from portal.sis.standing import Standing
from portal.sis.tables import COLUMNS

# What other rows refer to, and what follows from the whole.
REFERRED = (
    Kind.SCHOOLS,
    Kind.TERMS,
    Kind.COURSES,
    Kind.SECTIONS,
    Kind.STUDENTS,
    Kind.CONTACTS,
    Kind.STAFF,
    Kind.CATEGORIES,
    Kind.ASSIGNMENTS,
)
NOTHING_YET = (
    "this set says only what changed, and this district has no complete set yet; "
    "import one with every file as bulk first, then this one"
)


class Delta:
    """Let the references of a set find what the district has, and finish what follows from both.

    A bulk set needs none of it: what it does not hold is gone.
    """

    def __init__(self, stager: Stager, standing: Standing, report: Report) -> None:
        """Take what the district has."""
        self._stager = stager
        self._staging = stager.staging
        self._standing = standing
        self._report = report
        self._needed = report.provenance.mode is Mode.DELTA

    def begin(self) -> bool:
        """Take in what stands; return False where a delta has nothing to stand on."""
        if not self._needed:
            return True
        if self._standing.is_empty():
            self._report.error(Problem(NOTHING_YET))
            return False
        for kind in REFERRED:
            if not self._report.provenance.is_whole(kind):
                self._staging.stand(kind, self._standing.rows(kind))
        # Links are said from two ends and in detail: what is left of each is put together at the end.
        self._staging.stand(Kind.RELATIONSHIPS, self._standing.rows(Kind.RELATIONSHIPS))
        return True

    def finish(self) -> None:
        """Keep the links that somebody still says, and the terms that schools still teach in."""
        if not self._needed:
            return
        has_detail = self._report.provenance.is_whole(Kind.RELATIONSHIPS)
        for link, values in self._staging.links(every=has_detail):
            self._carry_link(link, dict(zip(COLUMNS[Kind.RELATIONSHIPS], values, strict=True)))
        for term, values in self._staging.standing(Kind.TERMS):
            parent = values[COLUMNS[Kind.TERMS].index("parent_id")]
            if parent and not self._staging.is_said(term):
                self._staging.put_term_under(term, parent)
        for section, values in self._staging.standing(Kind.SECTIONS):
            if not self._staging.is_said(section):
                stands = dict(zip(COLUMNS[Kind.SECTIONS], values, strict=True))
                for term in stands["term_ids"]:
                    self._staging.teach(stands["school_id"], term)

    def _carry_link(self, link: str, stood: dict[str, Any]) -> None:
        ends = {StatedBy.CONTACT: stood["contact_id"], StatedBy.STUDENT: stood["student_id"]}
        kinds = {end: self._staging.kind_of(key) for end, key in ends.items()}
        if kinds != {StatedBy.CONTACT: Kind.CONTACTS, StatedBy.STUDENT: Kind.STUDENTS}:
            self._staging.delete(link, "", 0)
            return
        said_again = {end for end, key in ends.items() if self._staging.is_said(key)}
        if self._report.provenance.is_whole(Kind.RELATIONSHIPS):
            said_again.add(StatedBy.DETAIL)
        stated = set(stood["stated_by"])
        left = stated - said_again
        # Where nobody knows who said it, whoever speaks of it anew and leaves it out ends it: to show
        # a child to somebody who is no longer its guardian would be worse than to ask once more.
        if left or not (stated or said_again):
            has_detail = StatedBy.DETAIL in left or not stated
            detail = {name: stood[name] for name in NO_DETAIL} if has_detail else {}
            self._stager.carry_link(link, ends[StatedBy.CONTACT], ends[StatedBy.STUDENT], left, detail)
        else:
            self._staging.delete(link, "", 0)

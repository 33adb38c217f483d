"""Say which term a question is about."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.core.folding import fold
from portal.records.answers import TermSpan
from portal.records.matching import find
from portal.sis.models import SchoolTerm, Student, Term

PREVIOUS = "previous"
NEXT = "next"
CURRENT = "current"
SCHOOL_YEAR = "schoolYear"
# Most questions ask these: they are built once.
ALL = select(Term).where(Term.district_id == bindparam("district"), Term.retired_at.is_(None))
TAUGHT = ALL.where(
    Term.id.in_(
        select(SchoolTerm.term_id).where(
            SchoolTerm.district_id == bindparam("district"),
            SchoolTerm.school_id.in_(bindparam("schools", expanding=True)),
            SchoolTerm.retired_at.is_(None),
        )
    )
)


class Terms:
    """Hold the terms of one child's schools, today being a day in the district's time zone."""

    def __init__(self, terms: Sequence[Term], today: date) -> None:
        """Take the terms."""
        self._terms = sorted(terms, key=lambda term: (term.start, term.end, term.title, term.id))
        self._by_id = {term.id: term for term in terms}
        # A school year is no term to a parent, unless the school knows nothing shorter.
        self._short = [term for term in self._terms if term.type != SCHOOL_YEAR] or self._terms
        self._today = today

    @classmethod
    def of(cls, session: Session, student: Student, today: date) -> "Terms":
        """Load the terms that the student's schools teach in, or all where none teaches in any."""
        where = {"district": student.district_id}
        own = session.scalars(TAUGHT, {**where, "schools": list(student.school_ids)}).all()
        return cls(own or session.scalars(ALL, where).all(), today)

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the titles from the first term to the last."""
        return tuple(dict.fromkeys(term.title for term in self._terms))

    @property
    def begun(self) -> tuple[TermSpan, ...]:
        """Return the terms that can be looked at by their titles: those that `asked` finds for them."""
        titles = dict.fromkeys(term.title for term in self._short if term.start <= self._today)
        found = {term.id: term for term in map(self._titled, titles) if term is not None}
        return tuple(self.span(term) for term in sorted(found.values(), key=_start))

    def asked(self, typed: str | None) -> Term | None:
        """Return the term that was meant: None is the current one."""
        if typed is None or fold(typed) in ("", CURRENT):
            return self.current()
        if fold(typed) == PREVIOUS:
            return self.previous()
        return self.next() if fold(typed) == NEXT else self._titled(typed)

    def current(self) -> Term | None:
        """Return the shortest term with today in it, else the last that began, else the first."""
        return self.at(self._today) or self._last_begun() or next(iter(self._short), None)

    def previous(self) -> Term | None:
        """Return the term before the current one, of its type where there is one."""
        current = self.current()
        if current is None:
            return None
        ended = [term for term in self._short if term.end < current.start]
        alike = [term for term in ended if term.type == current.type]
        return max(alike or ended, key=lambda term: (term.end, term.start, term.id), default=None)

    def get(self, term_id: str) -> Term | None:
        """Return the term of this id, where it is one of the child's schools."""
        return self._by_id.get(term_id)

    def next(self) -> Term | None:
        """Return the term after the current one, of its type where there is one."""
        current = self.current()
        if current is None:
            return None
        coming = [term for term in self._short if term.start > max(current.end, self._today)]
        alike = [term for term in coming if term.type == current.type]
        return min(alike or coming, key=lambda term: (term.start, term.end, term.id), default=None)

    def has_begun(self, term: Term) -> bool:
        """Tell whether a term is running or over, so that anything can be recorded of it."""
        return term.start <= self._today

    def on_record(self, since: date | None, until: date | None) -> bool:
        """Tell whether a range reaches into the time from the first day of all terms to the last."""
        first = since or until
        last = until or (max(since, self._today) if since else None)
        if first is None or last is None or not self._terms:
            return True
        return first <= max(term.end for term in self._terms) and self._terms[0].start <= last

    def at(self, day: date) -> Term | None:
        """Return the shortest term with a day in it."""
        around = [term for term in self._short if term.start <= day <= term.end]
        return min(around, key=_shortness, default=None)

    def overlapping(self, since: date, until: date) -> list[Term]:
        """Return the terms that share a day with a range."""
        return [term for term in self._terms if term.start <= until and since <= term.end]

    def around(self, term: Term) -> list[Term]:
        """Return the longer terms that a term lies in, the nearest first."""
        found: list[Term] = []
        parent = self._by_id.get(term.parent_id or "")
        while parent is not None and parent is not term and parent not in found:
            found.append(parent)
            parent = self._by_id.get(parent.parent_id or "")
        return found

    def within(self, term: Term) -> list[Term]:
        """Return the terms that lie in a term, the last first."""
        return [each for each in reversed(self._terms) if term in self.around(each)]

    def span(self, term: Term) -> TermSpan:
        """Describe a term for an answer."""
        current = term.start <= self._today <= term.end
        return TermSpan(term.title, term.start, term.end, current)

    def _last_begun(self) -> Term | None:
        begun = [term for term in self._short if term.start <= self._today]
        latest = max((term.start for term in begun), default=None)
        return min((term for term in begun if term.start == latest), key=_shortness, default=None)

    def _titled(self, typed: str) -> Term | None:
        found = find(typed, {term.id: (fold(term.title),) for term in self._terms})
        meant = [self._by_id[term] for term in found]
        begun = [term for term in meant if term.start <= self._today]
        # Titles repeat every year: the last one that began is meant, else the next to begin.
        return max(begun, key=lambda term: term.start) if begun else next(iter(meant), None)


def _start(term: Term) -> tuple[date, date]:
    return term.start, term.end


def _shortness(term: Term) -> tuple[int, str, str]:
    return (term.end - term.start).days, term.title, term.id

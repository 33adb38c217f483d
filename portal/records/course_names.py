"""Find the course that is meant by what a parent typed, among those that are offered."""

from collections.abc import Callable, Mapping, Sequence

from portal.core.folding import fold
from portal.records.course_catalog import Offered
from portal.records.course_requests import CourseProblem, Rule
from portal.records.matching import find
from portal.records.sections import ROMAN

# As many names as anybody chooses among at a glance.
MOST_NAMES = 12


class CourseNames:
    """Match names with courses: first those for the child's grade, then all that are offered."""

    def __init__(
        self, offered: Sequence[Offered], grade: str, taught: Callable[[], Mapping[str, str]]
    ) -> None:
        """Take the courses that are offered; `taught` looks up all others of the school."""
        self._by_id = {each.course_id: each for each in offered}
        own = [each for each in offered if each.is_for(grade)]
        self._pools = (own, [each for each in offered if each not in own])
        self._taught = taught

    def find(self, typed: str) -> Offered | CourseProblem:
        """Return the one course that is meant, or what is wrong with the name; never guess."""
        if typed in self._by_id:
            return self._by_id[typed]
        for nearest in (_same, _near, _of_subject):
            for pool in self._pools:
                found = nearest(typed, pool)
                if len(found) == 1:
                    return found[0]
                if found:
                    names = tuple(each.title for each in found[:MOST_NAMES])
                    return CourseProblem(Rule.WHICH_COURSE, typed, names)
        return self._not_offered(typed)

    def _not_offered(self, typed: str) -> CourseProblem:
        taught = self._taught()
        titles = {key: (_numbered(title),) for key, title in taught.items()}
        meant = {taught[key] for key in find(_numbered(typed), titles)}
        if len(meant) == 1:
            return CourseProblem(Rule.NOT_OFFERED, meant.pop())
        return CourseProblem(Rule.UNKNOWN_COURSE, typed)


def ways_to_write(title: str) -> tuple[str, ...]:
    """Return a title as it stands and with its number in digits: "Algebra II", "Algebra 2"."""
    words = [ROMAN.get(word.casefold(), word) for word in title.split()]
    return tuple(dict.fromkeys((title, " ".join(words))))


def _same(typed: str, pool: Sequence[Offered]) -> list[Offered]:
    return [each for each in pool if _numbered(typed) in _names(each)]


def _near(typed: str, pool: Sequence[Offered]) -> list[Offered]:
    names = {number: _names(each) for number, each in enumerate(pool)}
    return [pool[number] for number in find(_numbered(typed), names)]


def _of_subject(typed: str, pool: Sequence[Offered]) -> list[Offered]:
    subjects = {number: tuple(map(fold, each.subjects)) for number, each in enumerate(pool)}
    return [pool[number] for number in find(typed, subjects)]


def _names(each: Offered) -> tuple[str, ...]:
    title = _numbered(each.title)
    initials = "".join(word[0] for word in title.split()) if " " in title else ""
    return tuple(name for name in (title, _numbered(each.code), initials) if name)


def _numbered(name: str) -> str:
    # "Algebra I" begins "Algebra II", but "Algebra 1" does not begin "Algebra 2".
    return " ".join(ROMAN.get(word, word) for word in fold(name).split())

"""Define what every page about a child's records is: one child, one answer of the portal, its date."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.responses import Response

from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Refused
from portal.records.answers import Child, Question, TermSpan
from portal.records.family import Family
from portal.sis.outcomes import LastImport
from portal.transaction import Transaction
from web.public.desk import COURSE, STUDENT, TERM, WORK, chosen, chosen_child, is_on
from web.public.linking import links_by_access_id
from web.public.signed_in import Header, SignedInPage
from web.public.visits import Visit
from web.public.writing import Writing


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what the portal answered for a page: values for the template, or why there are none."""

    answer: Mapping[str, Any] | Refused
    terms: tuple[TermSpan, ...]
    imported: LastImport | None


class RecordPage(SignedInPage):
    """Show what is recorded about the child whose tab is chosen."""

    methods = ("GET",)
    has_terms: ClassVar[bool] = False

    @abstractmethod
    def look_up(self, family: Family, question: Question) -> Mapping[str, Any] | Refused:
        """Ask the portal, as this parent and about this child, for what the template shows."""

    async def show_to(self, visit: Visit, live: LiveSession) -> Response:
        """Show the answer, or say honestly why there is none and what to do instead."""
        header, child = self.header(visit, live), chosen_child(visit)
        if not is_on(self.name, visit.district.options):
            return self.render(visit, template="records/off.html", live=header)
        if child is None:
            by_school = not links_by_access_id(visit.district.options)
            return self.render(visit, template="records/no_child.html", live=header, by_school=by_school)
        found = await self.gateway.within(lambda tx: self._found(tx, visit, child), read_only=True)
        if isinstance(found, Refused):
            return self._turned_away(visit, found)
        return self._answered(visit, header, child, found)

    def question(self, visit: Visit, child: Child) -> Question:
        """Return what the page's address asks about the child."""
        asked = chosen(visit, *self.keeps)
        return Question(
            student=child.label, term=asked.get(TERM), course=asked.get(COURSE), work=asked.get(WORK)
        )

    def _found(self, tx: Transaction, visit: Visit, child: Child) -> Found | Refused:
        family = tx.records.of(visit.conversation)
        if isinstance(family, Refused):
            return family
        # Access is looked up anew here: what the tabs showed a moment ago permits nothing.
        answer = self.look_up(family, self.question(visit, child))
        terms = family.terms(child.label) if self.has_terms else ()
        return Found(answer, () if isinstance(terms, Refused) else terms, family.imported())

    def _answered(self, visit: Visit, header: Header, child: Child, found: Found) -> Response:
        writing = Writing.of(self.words(visit), visit.district)
        term = found.answer.get("term") if not isinstance(found.answer, Refused) else None
        shown: dict[str, Any] = {
            "live": header,
            "child": child,
            "write": writing,
            "as_of": None if found.imported is None else writing.at(found.imported.at),
            "terms": found.terms,
            "chosen_term": None if term is None else term.title,
            "here": {STUDENT: child.student_id},
        }
        if isinstance(found.answer, Refused):
            return self.render(visit, template="records/refused.html", refused=found.answer, **shown)
        return self.render(visit, **shown, **found.answer)

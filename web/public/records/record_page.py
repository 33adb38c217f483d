"""Define what every page about a child's records is: one child, one answer of the portal, its date."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from starlette.responses import Response

from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Refused
from portal.records.answers import Child, Question, TermSpan
from portal.records.family import Family
from portal.records.school_work import Work
from portal.records.turned_on import is_on
from portal.sis.outcomes import LastImport
from portal.transaction import Transaction
from web.public.desk import COURSE, STUDENT, TERM, WORK, chosen, chosen_child
from web.public.forms import Form
from web.public.linking import links_by_access_id
from web.public.records.charts import Chart
from web.public.signed_in import SignedInPage
from web.public.visits import Visit
from web.public.writing import Writing

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what the portal answered for a page: values for the template, or why there are none.

    `is_first` tells that this parent was never told anything of a child before.
    """

    answer: Answer | Refused
    terms: tuple[TermSpan, ...]
    imported: LastImport | None
    is_first: bool = False


def question_of(visit: Visit, child: Child, keeps: Sequence[str]) -> Question:
    """Return what the address of a page asks about the child, of what such a page keeps."""
    asked = chosen(visit, *keeps)
    work = asked.get(WORK)
    return Question(
        student=child.label,
        term=asked.get(TERM),
        course=asked.get(COURSE),
        # A part of the work that there is not is none.
        work=work if work in set(Work) else None,
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """Hold a form that was sent and what came of it: a refusal, or what the page shows because of it."""

    form: Form
    refused: Refused | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)


class ChildPage(SignedInPage):
    """Show something about the child whose tab is chosen, with what came of a form on the page."""

    has_terms: ClassVar[bool] = False

    @abstractmethod
    def ask(self, tx: Transaction, visit: Visit, family: Family, question: Question) -> Answer | Refused:
        """Ask the portal, as this parent and about this child, for what the template shows."""

    async def show_to(self, visit: Visit, live: LiveSession) -> Response:
        """Show the answer, or say honestly why there is none and what to do instead."""
        return await self.shown(visit, live)

    async def shown(self, visit: Visit, live: LiveSession, sent: Sent | None = None) -> Response:
        """Show the page, after a form with what came of it."""
        header, child = self.header(visit, live), chosen_child(visit)
        if not is_on(self.name, visit.district.options):
            return self.render(visit, template="records/off.html", live=header)
        if child is None:
            by_school = not links_by_access_id(visit.district.options)
            return self.render(visit, template="records/no_child.html", live=header, by_school=by_school)
        found = await self.gateway.within(lambda tx: self._found(tx, visit, child), read_only=True)
        if isinstance(found, Refused):
            return self._turned_away(visit, found)
        await self._note_first(visit, found)
        shown: dict[str, Any] = {"live": header, **self._around(visit, child, found)}
        if isinstance(found.answer, Refused):
            return self.render(visit, template="records/refused.html", refused=found.answer, **shown)
        shown |= {**found.answer, "picture": await self._picture(visit, found.answer.get("chart"))}
        return self._after(visit, sent, shown)

    async def _note_first(self, visit: Visit, found: Found) -> None:
        # Pages are read without holding anybody up; only the very first answer writes something.
        if found.is_first and not isinstance(found.answer, Refused):
            await self.gateway.within(lambda tx: tx.records.note_answer(visit.conversation))

    def _after(self, visit: Visit, sent: Sent | None, shown: Mapping[str, Any]) -> Response:
        if sent is None:
            return self.render(visit, **shown)
        if sent.refused is not None:
            return self.refuse(visit, sent.form, sent.refused, **shown)
        return self.render(visit, sent.form, **{**shown, **sent.shown})

    async def _picture(self, visit: Visit, chart: Chart | None) -> str | None:
        if chart is None:
            return None
        language = self.words(visit).language
        return await self.gateway.within(lambda tx: chart.offered(tx, visit, language))

    def _found(self, tx: Transaction, visit: Visit, child: Child) -> Found | Refused:
        family = tx.records.of(visit.conversation)
        if isinstance(family, Refused):
            return family
        # Access is looked up anew here: what the tabs showed a moment ago permits nothing.
        answer = self.ask(tx, visit, family, question_of(visit, child, self.keeps))
        terms = family.terms(child.label) if self.has_terms else ()
        is_first = tx.records.awaits_first_answer(visit.conversation)
        return Found(answer, () if isinstance(terms, Refused) else terms, family.imported(), is_first)

    def _around(self, visit: Visit, child: Child, found: Found) -> dict[str, Any]:
        writing = Writing.of(self.words(visit), visit.district)
        term = found.answer.get("term") if not isinstance(found.answer, Refused) else None
        return {
            "child": child,
            "write": writing,
            "as_of": None if found.imported is None else writing.at(found.imported.at),
            "terms": found.terms,
            "is_chosen": TERM in chosen(visit, TERM),
            "chosen_term": None if term is None else term.title,
            "here": {STUDENT: child.student_id},
        }


class RecordPage(ChildPage):
    """Show what is recorded about a child; there is nothing to change."""

    methods = ("GET",)

    @abstractmethod
    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for what the template shows."""

    def ask(self, tx: Transaction, visit: Visit, family: Family, question: Question) -> Answer | Refused:
        """Ask the records and nothing else."""
        return self.look_up(family, question)

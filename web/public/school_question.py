"""Show a family what its school wrote about its request for an account, and take its answer."""

from typing import Any

from starlette.responses import Response

from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from web.public.forms import Form
from web.public.page import PublicPage
from web.public.recover import token_of, token_shown
from web.public.sheets import Notice
from web.public.visits import Visit

REPLY = "reply"


class SchoolQuestionPage(PublicPage):
    """Read and answer behind the token of a mail; reading spends nothing, and the address shows nothing."""

    name = "school-question"
    template = "school_question.html"

    async def show(self, visit: Visit) -> Response:
        """Show the field for the token, or that the answer arrived."""
        return self.render(visit)

    async def submit(self, visit: Visit, form: Form) -> Response:
        """Show what the school wrote, or keep the answer."""
        problems = form.problems("token")
        if problems:
            return self._again(visit, form, problems=problems)
        if not form.has(REPLY):
            return await self._read(visit, form)
        problems = form.problems(REPLY, lines={REPLY})
        if problems:
            return await self._read(visit, form, problems=problems)
        slug, token, words = visit.district.slug, Secret(token_of(form)), form.text(REPLY)
        answered = await self.gateway.within(lambda tx: tx.request_answers.answer_by_mail(slug, token, words))
        if isinstance(answered, Refused):
            return self._not_taken(visit, form, answered)
        return self.go(visit, self.name, answered="1")

    async def _read(self, visit: Visit, form: Form, **told: Any) -> Response:
        slug, token = visit.district.slug, Secret(token_of(form))
        letter = await self.gateway.within(lambda tx: tx.request_answers.read(slug, token))
        if isinstance(letter, Refused):
            return self._not_taken(visit, form, letter)
        return self._again(visit, form, letter=letter, **told)

    def _not_taken(self, visit: Visit, form: Form, refused: Refused) -> Response:
        words = self.words(visit)
        match refused.reason:
            case Reason.TOKEN_VOID:
                notice = Notice(words("school_question_void"), contact=True)
                return self._again(visit, form, notice=notice, status=422)
            case Reason.ALREADY_DONE:
                return self._again(visit, form, notice=Notice(words("school_question_closed")), status=409)
            case _:
                return self.refuse(visit, form, refused, token=token_shown(form))

    def _again(self, visit: Visit, form: Form, **shown: Any) -> Response:
        return self.render(visit, form, token=token_shown(form), **shown)

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return whether the answer arrived."""
        return {"is_answered": "answered" in visit.request.query_params, "token": "", "letter": None}

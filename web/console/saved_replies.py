"""Write the answers that staff give often, in the languages of the families."""

import re
from typing import Any

from starlette.responses import Response

from portal.core.outcomes import Refused
from portal.helpdesk.saved_replies import SavedReply
from portal.helpdesk.staff.roles import Deed
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.public.forms import Form

NEW = "new"
TEXT = "text_"
_TEXT = re.compile(f"{TEXT}[A-Za-z]{{2,3}}(-[A-Za-z]{{2,4}})?")


class SavedRepliesPage(ConsolePage):
    """List the saved replies and the languages that each has."""

    name = "saved-replies"
    template = "saved_replies.html"
    deed = Deed.WRITE_SAVED_REPLIES
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the list."""
        saved = await self.within(visit, lambda tx, member: tx.saved_replies.all(member))
        if isinstance(saved, Refused):
            return self.refuse(visit, saved)
        return self.render(visit, saved=saved)


class SavedReplyPage(ConsolePage):
    """Write one saved reply."""

    name = "saved-replies/{reply}"
    template = "saved_reply.html"
    deed = Deed.WRITE_SAVED_REPLIES

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show a field for each language of the district."""
        return await self._shown(visit)

    async def submit(self, visit: ConsoleVisit, form: Form) -> Response:
        """Keep what was written, or remove the reply."""
        reply_id = _reply(visit)
        names = [name for name in form.values if _TEXT.fullmatch(name)]
        problems = form.problems("name", optional=names, lines=names)
        if problems:
            return await self._shown(visit, form, problems=problems)
        texts = {name.removeprefix(TEXT): form.text(name) for name in names}
        typed = form.text("version")
        version = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1
        if form.has("remove"):
            gone = await self.within(
                visit, lambda tx, member: tx.saved_replies.remove(member, reply_id, version)
            )
            if isinstance(gone, Refused):
                return await self._refused(visit, gone, form)
            return self.go(visit, "saved-replies", note="saved_reply_removed")
        kept = await self.within(
            visit,
            lambda tx, member: tx.saved_replies.write(member, reply_id, form.text("name"), texts, version),
        )
        if isinstance(kept, Refused):
            return await self._refused(visit, kept, form)
        return self.go(visit, "saved-replies", note="saved_reply_kept")

    async def _refused(self, visit: ConsoleVisit, refused: Refused, form: Form) -> Response:
        if refused.violations:
            shown = await self._values(visit)
            return self.refuse(visit, refused, form, **shown)
        return self.refuse(visit, refused, None, **await self._values(visit))

    async def _shown(self, visit: ConsoleVisit, form: Form | None = None, **more: Any) -> Response:
        return self.render(visit, form, **await self._values(visit), **more)

    async def _values(self, visit: ConsoleVisit) -> dict[str, Any]:
        reply_id = _reply(visit)
        reply = await self.within(visit, lambda tx, member: tx.saved_replies.find(member, reply_id))
        found = reply if isinstance(reply, SavedReply) else None
        offered = () if visit.district is None else visit.district.options.locales
        extra = () if found is None else found.texts
        return {"reply": found, "languages": list(dict.fromkeys(["en", *offered, *extra]))}


def _reply(visit: ConsoleVisit) -> str:
    reply = str(visit.request.path_params["reply"])
    return "" if reply == NEW or not reply.isalnum() else reply

"""Lead a signed-in parent on to the assistant in Telegram."""

from typing import Any

from starlette.responses import Response

from portal.accounts.outcomes import LiveSession
from portal.core.outcomes import Refused
from portal.dialogue.start_codes import LIVES, NewStartCode, StartKind
from web.public.forms import Form
from web.public.signed_in import SignedInPage
from web.public.visits import Visit


class TelegramPage(SignedInPage):
    """Make a link that begins a chat in this district and language; the session stays here."""

    name = "telegram"
    template = "telegram.html"

    async def show_to(self, visit: Visit, live: LiveSession) -> Response:
        """Show what the link is for; looking makes none."""
        if self.telegram("") is None:
            return self.go(visit, "start")
        return self.render(visit, live=self.header(visit, live))

    async def submit_from(self, visit: Visit, live: LiveSession, form: Form) -> Response:
        """Make a link; whoever else uses it is as far as somebody who found the bot by its name."""
        new = NewStartCode(visit.district.slug, StartKind.PAGE, visit.language)
        minted = await self.gateway.within(lambda tx: tx.start_codes.mint(new))
        link = None if isinstance(minted, Refused) else self.telegram(minted.code)
        if link is None:
            return self.go(visit, "start")
        return self.render(visit, live=self.header(visit, live), bot_link=link)

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return no link but after one was made, and for how long it is good."""
        return {"bot_link": None, "minutes": LIVES[StartKind.PAGE].seconds // 60}

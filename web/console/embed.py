"""Show the line by which the district's own site puts the chat into its pages."""

from starlette.responses import Response

from portal.helpdesk.staff.roles import Deed
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.embed import snippet


class EmbedPage(ConsolePage):
    """Show the line, and which sites may show the chat."""

    name = "embed"
    template = "embed.html"
    deed = Deed.EDIT_OPTIONS
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show it."""
        # The member's own district was looked up with the visit.
        line = snippet(visit.district, self.site.public_url) if visit.district else None
        origins = visit.district.options.embed_origins if visit.district else ()
        return self.render(visit, line=line, origins=origins)

"""Show first what waits."""

from starlette.responses import Response

from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit


class HomePage(ConsolePage):
    """Show the first page of the console."""

    name = ""
    template = "home.html"
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show it."""
        return self.render(visit)

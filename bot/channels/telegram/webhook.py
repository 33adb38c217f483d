"""Open the door that Telegram brings updates to."""

import hmac

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.channels.doors import read_object, refusal
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.settings import WEBHOOKS, TelegramSettings

UPDATE_LIMIT = 1_000_000
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  (the name of a header)


def routes(intake: Intake, settings: TelegramSettings) -> list[BaseRoute]:
    """Return the webhook."""

    async def webhook(request: Request) -> Response:
        path = f"{WEBHOOKS}/{request.path_params['path']}"
        if not hmac.compare_digest(path.encode(), settings.webhook_path.encode()):
            raise refusal(404, "not_found")
        shown = request.headers.get(SECRET_HEADER, "")
        # The library's own example leaves this out: anybody could then speak for any parent.
        if not hmac.compare_digest(shown.encode(), settings.webhook_secret.encode()):
            raise refusal(401, "missing_key")
        await intake.accept(await read_object(request, UPDATE_LIMIT))
        return Response()

    # A pattern and not the path itself: the log names routes, and only Telegram is told the path.
    return [Route(f"{WEBHOOKS}/{{path}}", webhook, methods=["POST"])]

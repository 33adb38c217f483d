"""Answer what cannot be served: a page for people, JSON for programs, never an internal detail."""

import uuid
from http import HTTPStatus
from typing import cast

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from web.pages import Pages, preferred_language

RETRY_SECONDS = "5"
# Starlette's own refusals carry prose; ours carry the key of their words.
_CODES = {404: "not_found", 405: "wrong_method"}


class Errors:
    """Word refusals and failures."""

    def __init__(self, pages: Pages) -> None:
        """Take the pages, which have the words."""
        self._pages = pages
        self._log = structlog.get_logger("web.errors")

    async def refused(self, request: Request, error: Exception) -> Response:
        """Answer a request that was turned away."""
        refusal = cast("HTTPException", error)  # Starlette's type is wider than what it hands over
        status, code = refusal.status_code, refusal.detail
        if code == HTTPStatus(status).phrase:
            code = _CODES.get(status, "bad_request")
        response = self._answer(request, status, code)
        response.headers.update(refusal.headers or {})
        return response

    async def unavailable(self, request: Request, _: Exception) -> Response:
        """Answer a request while the database does not."""
        response = self._answer(request, 503, "busy")
        response.headers["Retry-After"] = RETRY_SECONDS
        return response

    async def failed(self, request: Request, error: Exception) -> Response:
        """Answer a request that met a bug or an outage; the log has its id."""
        incident = uuid.uuid4().hex[:8]
        self._log.error("request_failed", incident=incident, error=type(error).__name__)
        return self._answer(request, 500, "failed", incident=incident)

    def _answer(self, request: Request, status: int, code: str, **values: str) -> Response:
        words = self._pages.words(preferred_language(request))
        key = code if words.knows(f"error_{code}") else "bad_request"
        text = words(f"error_{key}", **values)
        if "text/html" in request.headers.get("accept", ""):
            return self._pages.show(request, "error.html", status=status, text=text)
        return JSONResponse({"error": code, "message": text}, status_code=status)

"""Read forms within limits, and remember what was typed to show it again, except secrets."""

import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from portal.accounts.policy import CURRENT_NOT_CORRECT, VERIFICATION_MISMATCH
from portal.core.outcomes import Violation
from portal.core.secret import Secret

MOST_BYTES = 16_000
MOST_FIELDS = 64
MOST_CHARACTERS = 1024
CSRF = "csrf"
FORM_ID = "form_id"
KIND = "application/x-www-form-urlencoded"
_FORM_ID = re.compile(r"[0-9a-f]{32}")
# PostgreSQL stores no NUL and no database stores half of a surrogate pair; line breaks and other
# control characters have no business in a field of one line, least of all in one that becomes a header.
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_LINE_BREAKS = re.compile(r"\r\n?|\n|\t")
# Where the portal names a rule and no field, it is one about the new password.
_FIELDS = {CURRENT_NOT_CORRECT: "current_password", VERIFICATION_MISMATCH: "new_password_again"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Name what is wrong with a field; `key` is that of the words `page_violation_<key>`."""

    field: str
    key: str
    number: int | None = None

    @classmethod
    def of(cls, violation: Violation) -> Self:
        """Return a violation of the portal as a problem of the field that shows it."""
        field_name = violation.field
        if field_name in {"", "new_password"}:
            field_name = _FIELDS.get(violation.key, "new_password")
        name = field_name if violation.row is None else f"{field_name}_{violation.row}"
        return cls(name, violation.key, violation.number)


@dataclass(frozen=True, slots=True)
class Form:
    """Hold what was typed into a form; the repr shows none of it.

    `form_id` names this showing of the form: the same one sent twice is one request.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    form_id: str = field(default_factory=lambda: secrets.token_hex(16))

    def text(self, name: str) -> str:
        """Return what was typed into a field, without the spaces around it."""
        return self.values.get(name, "").strip()

    def secret(self, name: str) -> Secret:
        """Return what was typed into a masked field, exactly as it was typed."""
        return Secret(self.values.get(name, ""))

    def has(self, name: str) -> bool:
        """Tell whether the form had this field, or this button was pressed."""
        return name in self.values

    def ticked(self, prefix: str) -> list[str]:
        """Return what is ticked of the boxes whose names begin so, without names that no page of ours has."""
        names = (name.removeprefix(prefix) for name in self.values if name.startswith(prefix))
        return [name for name in names if name and not _UNSTORABLE.search(name)]

    def problems(
        self, *required: str, optional: Iterable[str] = (), lines: Collection[str] = ()
    ) -> list[Problem]:
        """Return what is wrong with these fields before anybody is asked about their meaning.

        `lines` are those of the fields that take several lines.
        """
        found = [_problem(name, self._checked(name, lines), needed=True) for name in required]
        found += [_problem(name, self._checked(name, lines), needed=False) for name in optional]
        return [problem for problem in found if problem is not None]

    def _checked(self, name: str, lines: Collection[str]) -> str:
        typed = self.values.get(name, "")
        return _LINE_BREAKS.sub(" ", typed) if name in lines else typed


def _problem(name: str, typed: str, *, needed: bool) -> Problem | None:
    if needed and not typed.strip():
        return Problem(name, "empty")
    if len(typed) > MOST_CHARACTERS:
        return Problem(name, "too_long")
    return Problem(name, "characters") if _UNSTORABLE.search(typed) else None


async def read_form(request: Request, most_bytes: int = MOST_BYTES) -> Form:
    """Return the form that was sent; refuse what no form of ours sends."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    # Another site can send these two kinds of body without asking first; ours sends neither.
    if kind != KIND or not _is_own(request):
        raise HTTPException(403, detail="foreign_origin")
    values = _parsed(await _body(request, most_bytes))
    shown = values.pop(FORM_ID, "")
    return Form(values, shown) if _FORM_ID.fullmatch(shown) else Form(values)


def _is_own(request: Request) -> bool:
    fetch_site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    # Our pages withhold their referrer, and then browsers name the origin "null": there the browser's
    # own word on the site decides. The form's token is checked in any case.
    if origin is None or origin == "null":
        return fetch_site in {"same-origin", "none"}
    return urlsplit(origin).netloc == request.headers.get("host")


async def _body(request: Request, most_bytes: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most_bytes:
                raise HTTPException(413, detail="too_large", headers={"Connection": "close"})
    except ClientDisconnect:
        # Nobody is left to answer; this only keeps it from looking like a failure of ours.
        raise HTTPException(400, detail="bad_request") from None
    return bytes(body)


def _parsed(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="surrogateescape", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        # The parser's own error quotes the body, which may hold a secret.
        raise HTTPException(400, detail="not_a_form") from None
    return dict(pairs)

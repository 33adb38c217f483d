"""Open a visit for each request of a page: which district, which browser, which language."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from babel import negotiate_locale
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.accounts.outcomes import Asker
from portal.core.districts import SLUG, District
from portal.core.keys import Keys
from portal.core.sources import network_of
from portal.records.answers import Child
from web.public.cookies import device_cookie, new_token, session_cookie
from web.public.gateway import Gateway

CHANNEL = "web"
LANGUAGE = "language"
LANGUAGE_SECONDS = 400 * 24 * 3600


@dataclass(slots=True)
class Visit:
    """Hold what is known of one request of a page before anything is done.

    `sid` is the secret of the session cookie; `renew` replaces it when somebody signs in, so that an
    id planted before is worth nothing. `children` are those of whoever is signed in, once that is known.
    """

    request: Request
    district: District
    language: str
    device: str = field(repr=False)
    sid: str = field(repr=False)
    keys: Keys = field(repr=False)
    children: Sequence[Child] = field(default=(), repr=False)

    @property
    def conversation(self) -> str:
        """Return what the portal keeps this browser's session under; it does not give the cookie away."""
        return conversation_of(self.sid)

    @property
    def csrf(self) -> str:
        """Return the token that every form of this session must carry."""
        return self.keys.mac("page form", self.sid).hex()

    @property
    def source(self) -> str:
        """Return the address that attempts are counted under."""
        return network_of(self.request.client.host) if self.request.client else "unknown"

    def owns(self, csrf: str) -> bool:
        """Tell whether a form was shown to this session; the comparison takes constant time."""
        # A forged one may hold what cannot be encoded: it is wrong then, and no failure.
        return hmac.compare_digest(csrf.encode("utf-8", "backslashreplace"), self.csrf.encode())

    def renew(self, sid: str | None = None) -> None:
        """Give the browser a new session cookie, and with it a new token for its forms."""
        self.sid = sid or new_token()

    def next_sid(self, *sent: str) -> str:
        """Return the session cookie under which a sign-in begins: one that nobody held before.

        The same form sent twice begins one session: the id follows from all that was sent, and whoever
        repeats that knows the password or the token anyway.
        """
        return self.keys.token("page session", self.sid, *sent)

    def link(self, name: str, /, **query: str) -> str:
        """Return the path of a page of this district."""
        asked = f"?{urlencode(query)}" if query else ""
        return f"/{self.district.slug}/public/{name}{asked}"

    def asker(self, request_id: str, conversation: str = "") -> Asker:
        """Return who asks for something without being signed in; what it begins has its own conversation."""
        return Asker(
            district=self.district.slug,
            conversation=conversation or self.conversation,
            channel=CHANNEL,
            source=self.source,
            request_id=request_id,
            language=self.language,
            device=self.device,
        )


def conversation_of(sid: str) -> str:
    """Return the name of a session cookie's conversation; who reads the database cannot go on with it."""
    return f"{CHANNEL}:{hashlib.sha256(sid.encode()).hexdigest()}"


class Visits:
    """Open and close the visits of one site."""

    def __init__(self, gateway: Gateway, *, secure: bool) -> None:
        """Take the portal's gateway; `secure` when people come by HTTPS."""
        self._gateway = gateway
        self._session = session_cookie(secure=secure)
        self._device = device_cookie(secure=secure)
        self._secure = secure

    async def open(self, request: Request) -> Visit:
        """Return the visit; a browser that shows no cookie gets new ones, and an unknown district 404."""
        slug = str(request.path_params["district"])
        district = None
        if SLUG.fullmatch(slug):
            district = await self._gateway.within(lambda tx: tx.districts.get(slug), read_only=True)
        if district is None:
            raise HTTPException(404, detail="unknown_district")
        return Visit(
            request=request,
            district=district,
            language=_language(request, district),
            device=self._device.read(request) or new_token(),
            sid=self._session.read(request) or new_token(),
            keys=self._gateway.portal.keys,
        )

    def close(self, visit: Visit, response: Response) -> Response:
        """Give the browser what it must show next time."""
        if self._session.read(visit.request) != visit.sid:
            self._session.write(response, visit.sid)
        # Written each time, so that a browser in use is never forgotten.
        self._device.write(response, visit.device)
        if visit.request.query_params.get(LANGUAGE) == visit.language:
            response.set_cookie(
                LANGUAGE,
                visit.language,
                max_age=LANGUAGE_SECONDS,
                secure=self._secure,
                httponly=True,
                samesite="lax",
            )
        return response


def _language(request: Request, district: District) -> str:
    offered = district.options.locales or ("en",)
    for chosen in (request.query_params.get(LANGUAGE), request.cookies.get(LANGUAGE)):
        if chosen in offered:
            return chosen
    header = request.headers.get("accept-language", "")
    preferred = [part.split(";")[0].strip() for part in header.split(",")][:10]
    # Found whatever its case; what is kept is the district's own spelling.
    found = (negotiate_locale(preferred, offered, sep="-") or "").lower()
    return next((code for code in offered if code.lower() == found), offered[0])

"""Open a visit for each request of the console: which browser, and who of the staff."""

import hmac
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from portal.core.districts import District
from portal.core.keys import Keys
from portal.core.outcomes import Refused
from portal.core.sources import network_of
from portal.helpdesk.staff.outcomes import StaffMember
from portal.transaction import Transaction
from web.public.cookies import Cookie, new_token
from web.public.gateway import Gateway

ROOT = "/helpdesk"
# Names the part of a page that its script fetches again.
PART = "part"


@dataclass(slots=True)
class ConsoleVisit:
    """Hold what is known of one request of the console before anything is done.

    `member` and `district` are None while nobody is signed in. `sid` is the secret of the cookie; `renew`
    replaces it when somebody signs in, so that one planted before is worth nothing.
    """

    request: Request
    sid: str = field(repr=False)
    keys: Keys = field(repr=False)
    member: StaffMember | None = None
    district: District | None = None

    @property
    def csrf(self) -> str:
        """Return the token that every form of this session must carry."""
        return self.keys.mac("console form", self.sid).hex()

    @property
    def source(self) -> str:
        """Return the address that attempts are counted under."""
        return network_of(self.request.client.host) if self.request.client else "unknown"

    def owns(self, csrf: str) -> bool:
        """Tell whether a form was shown to this session; the comparison takes constant time."""
        # A forged one may hold what cannot be encoded: it is wrong then, and no failure.
        return hmac.compare_digest(csrf.encode("utf-8", "backslashreplace"), self.csrf.encode())

    def renew(self) -> None:
        """Give the browser a new cookie, and with it a new token for its forms."""
        self.sid = new_token()

    def link(self, name: str = "", /, **query: str) -> str:
        """Return the path of a page of the console."""
        asked = f"?{urlencode(query)}" if query else ""
        return f"{ROOT}/{name}{asked}"


class ConsoleVisits:
    """Open and close the visits of the console."""

    def __init__(self, gateway: Gateway, *, secure: bool) -> None:
        """Take the portal's gateway; `secure` when people come by HTTPS."""
        self._gateway = gateway
        self._cookie = Cookie("staff", secure)

    async def open(self, request: Request) -> ConsoleVisit:
        """Return the visit; a browser that shows no cookie gets a new one."""
        sid = self._cookie.read(request) or new_token()
        visit = ConsoleVisit(request, sid, self._gateway.portal.keys)

        def found(tx: Transaction) -> tuple[StaffMember, District] | None:
            member = tx.staff_sessions.current(sid)
            return None if isinstance(member, Refused) else (member, tx.districts.get_one(member.district))

        # What a page fetches again by itself is nothing that anybody does: it keeps no session alive.
        known = await self._gateway.within(found, read_only=PART in request.query_params)
        if known is not None:
            visit.member, visit.district = known
        return visit

    def close(self, visit: ConsoleVisit, response: Response) -> Response:
        """Give the browser what it must show next time."""
        if self._cookie.read(visit.request) != visit.sid:
            self._cookie.write(response, visit.sid)
        return response

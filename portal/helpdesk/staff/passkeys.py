"""Let staff sign in with passkeys: one press that shows the device and whoever unlocks it.

The library behind it reads certificates of every maker and is as large as a database driver: this module is
loaded when a member of staff first meets a passkey.
"""

import hmac
import struct
from datetime import timedelta
from functools import partial

import webauthn
from sqlalchemy import select
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.accounts.gate import SOURCE_FAILS, WINDOW, Gate, Kind, Limit
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.database import EPOCH, microseconds
from portal.core.outcomes import Reason, Refused, Violation
from portal.helpdesk.staff.counting import EVERYWHERE, source_key
from portal.helpdesk.staff.models import PasskeyRow, StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.passkey_forms import NewPasskey, Party, Passkey, ShownPasskey
from portal.helpdesk.staff.proving import let_in

# From the press of the button to the finger on the sensor.
FRESH = timedelta(minutes=5)
STAMP = 8
MOST_PASSKEYS = 10
MOST_NAME = 60
# The library's readers of bytes and of CBOR let some errors of their own through.
_UNREADABLE = (
    WebAuthnException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
    struct.error,
)
REFUSED = Refused(Reason.FIELDS_REFUSED, violations=(Violation("passkey", field="passkey"),))


class Passkeys:
    """Offer, add and check passkeys.

    A challenge is derived from the cookie and the time and stored nowhere. It counts for minutes, and
    for each passkey once: one that was made before its last use is refused.
    """

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def all(self, member: StaffMember) -> list[Passkey]:
        """Return the passkeys of a member, the oldest first."""
        return [
            Passkey(row.credential_id.hex(), row.name, row.created_at, row.used_at)
            for row in self._rows(member.staff_id)
        ]

    def to_add(self, member: StaffMember, party: Party, token: str) -> str:
        """Return what the browser needs to make one, as JSON."""
        known = [PublicKeyCredentialDescriptor(id=row.credential_id) for row in self._rows(member.staff_id)]
        options = webauthn.generate_registration_options(
            rp_id=party.host,
            rp_name="Hallpass",
            user_name=member.email,
            user_id=member.staff_id.encode(),
            user_display_name=member.name,
            challenge=self._challenge(token),
            # It is both factors at once: the device, and whoever unlocks it.
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=known,
        )
        return webauthn.options_to_json(options)

    def to_sign_in(self, party: Party, token: str) -> str:
        """Return what the browser needs to show one, as JSON; it names nobody."""
        options = webauthn.generate_authentication_options(
            rp_id=party.host,
            challenge=self._challenge(token),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return webauthn.options_to_json(options)

    def add(self, member: StaffMember, new: NewPasskey) -> Refused | None:
        """Keep the public half of a new passkey; None when it is kept."""
        issued = self._issued(new.challenge, new.token)
        if issued is None or len(self._rows(member.staff_id)) >= MOST_PASSKEYS:
            return REFUSED
        try:
            made = webauthn.verify_registration_response(
                credential=new.credential,
                expected_challenge=issued,
                expected_rp_id=new.party.host,
                expected_origin=new.party.origin,
                require_user_verification=True,
            )
        except _UNREADABLE:
            return REFUSED
        if self._session.get(PasskeyRow, made.credential_id) is not None:
            return REFUSED
        row = PasskeyRow(
            credential_id=made.credential_id,
            district_id=member.district,
            staff_id=member.staff_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=new.name.strip()[:MOST_NAME],
            created_at=self._context.now,
        )
        self._session.add(row)
        self._session.flush()
        return None

    def enter(self, shown: ShownPasskey) -> StaffMember | Refused:
        """Begin the session of whoever shows a passkey of theirs."""
        credential = _read(shown.credential)
        key, staff = self._found(credential)
        gate = Gate(self._context)
        source = source_key(gate, shown.source)
        refused = gate.reserve(EVERYWHERE, Kind.SOURCE, source, Limit(SOURCE_FAILS, WINDOW))
        if refused is not None:
            return refused
        count = None if credential is None or key is None else self._verified(credential, key, shown)
        if count is None or key is None or staff is None or not _may_enter(staff):
            return self._failed(staff)
        gate.refund(source)
        key.sign_count, key.used_at = count, self._context.now
        return let_in(self._context, staff, shown.successor, how="passkey")

    def _found(
        self, credential: AuthenticationCredential | None
    ) -> tuple[PasskeyRow, StaffRow] | tuple[None, None]:
        row = None if credential is None else self._session.get(PasskeyRow, credential.raw_id)
        if row is None:
            return None, None
        # The rows before the counters, as everywhere where both are locked.
        locked = partial(self._session.get, with_for_update=True, populate_existing=True)
        staff: StaffRow | None = locked(StaffRow, row.staff_id)
        key: PasskeyRow | None = locked(PasskeyRow, row.credential_id)
        return (None, None) if staff is None or key is None else (key, staff)

    def _failed(self, staff: StaffRow | None) -> Refused:
        district, staff_id = (EVERYWHERE, "") if staff is None else (staff.district_id, staff.staff_id)
        audit, event = Audit(self._context), AuditEvent.STAFF_SIGN_IN_FAILED
        audit.record(
            district, event, subject=f"staff:{staff_id}" if staff_id else "", staff=staff_id, factor="passkey"
        )
        return REFUSED

    def _verified(
        self, credential: AuthenticationCredential, key: PasskeyRow, shown: ShownPasskey
    ) -> int | None:
        issued = self._issued(shown.challenge, shown.token)
        # A challenge that is no younger than the last use of this passkey was answered already.
        if issued is None or (key.used_at is not None and microseconds(key.used_at) >= _stamp(issued)):
            return None
        try:
            found = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=issued,
                expected_rp_id=shown.party.host,
                expected_origin=shown.party.origin,
                credential_public_key=key.public_key,
                credential_current_sign_count=key.sign_count,
                require_user_verification=True,
            )
        except _UNREADABLE:
            return None
        return found.new_sign_count

    def _challenge(self, token: str) -> bytes:
        return self._signed(microseconds(self._context.now).to_bytes(STAMP), token)

    def _issued(self, typed: str, token: str) -> bytes | None:
        """Return the challenge that the browser answers, if it is a fresh one of this session's."""
        try:
            shown = base64url_to_bytes(typed)
        except ValueError:
            return None
        genuine = self._signed(shown[:STAMP], token)
        if not hmac.compare_digest(shown, genuine):
            return None
        made = EPOCH + timedelta(microseconds=_stamp(genuine))
        return genuine if self._context.now - made < FRESH else None

    def _signed(self, stamp: bytes, token: str) -> bytes:
        return stamp + self._context.keys.mac("staff passkey", stamp.hex(), token)

    def _rows(self, staff_id: str) -> list[PasskeyRow]:
        query = select(PasskeyRow).where(PasskeyRow.staff_id == staff_id)
        return list(self._session.scalars(query.order_by(PasskeyRow.created_at, PasskeyRow.credential_id)))


def _stamp(challenge: bytes) -> int:
    return int.from_bytes(challenge[:STAMP])


def _read(credential: str) -> AuthenticationCredential | None:
    try:
        return parse_authentication_credential_json(credential)
    except _UNREADABLE:
        return None


def _may_enter(staff: StaffRow) -> bool:
    return staff.disabled_at is None and bool(staff.password_hash)

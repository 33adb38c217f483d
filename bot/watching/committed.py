"""Log what the portal committed: which event and which mail, about nobody."""

import structlog

from portal.core.watching import Happening, MailPut, Noted

_log = structlog.get_logger("portal")


def log_committed(happening: Happening) -> None:
    """Write one line; the ids of the request and the turn that did it stand beside it."""
    match happening:
        case Noted(district, event):
            _log.info("audited", noted=event, district=district)
        case MailPut(message_id, kind):
            _log.info("mail_put", kind=kind, message_id=message_id)

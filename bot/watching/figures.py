"""Count the events of the log, by labels whose values a stranger cannot multiply."""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.watching.present import Present
from portal.core.load import Load

Event = Mapping[str, Any]
# A turn is some milliseconds; one that hashes a password or hears a voice note is a second and more.
TURN_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
MAIL_SECONDS = (1, 5, 15, 60, 300, 900, 3600, 14400, 86400)
SURENESS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
PROBLEMS = frozenset({"warning", "error", "critical"})
# Whoever calls may write any word as the method of a request.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})
SIGN_INS = {
    "signin.succeeded": ("family", "succeeded"),
    "signin.failed": ("family", "failed"),
    "signin.locked": ("family", "locked"),
    "signin.spray": ("family", "spray"),
    "staff.signed_in": ("staff", "succeeded"),
    "staff.sign_in_failed": ("staff", "failed"),
    "staff.locked": ("staff", "locked"),
}


class Figures:
    """Turn each event of the log into figures before its level decides whether it is written."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Make every series; none has a value yet."""
        self.registry = registry
        self._counters(registry)
        self._histograms(registry)
        self._gauges(registry)
        self._by_event: dict[str, Callable[[Event], None]] = {
            "turn": self._turn,
            "understood": self._understood,
            "refused": self._refused,
            "audited": self._audited,
            "mail_put": self._mail_put,
            "mail": self._mail,
            "request": self._request,
            "voice_refused": self._voice_refused,
        }

    def __call__(self, _: Any, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Count one event and hand it on, as structlog asks of each of its steps."""
        name = event["event"]
        counting = self._by_event.get(name)
        if counting is not None:
            counting(event)
        if level in PROBLEMS:
            # Names of events are written in the code, never by a caller.
            self.problems.labels(name, level).inc()
        return event

    def sample(self, load: Load, here: Present) -> None:
        """Note how busy this process is just now."""
        self.connections.set(load.connections)
        self.hashing.set(load.hashing)
        self.pages.set(here.pages)
        for work, busy in here.voice.items():
            self.voice_working.labels(work).set(busy.working)
            self.voice_waiting.labels(work).set(busy.waiting)

    def _counters(self, registry: CollectorRegistry) -> None:
        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"hallpass_{name}", what, labels, registry=registry)

        self.turns = counter("turns", "Messages answered, by how.", "channel", "kind", "outcome")
        self.fallbacks = counter("fallbacks", "Texts whose meaning was not found.", "language")
        self.refusals = counter("refusals", "What was asked and refused.", "door", "reason")
        self.audited = counter("audit_events", "Events put on record.", "event")
        self.sign_ins = counter("sign_ins", "Sign-ins, by what came of them.", "who", "outcome")
        self.cases = counter("cases_opened", "Conversations and requests handed to people.")
        self.mails_put = counter("mails_put", "Mails written into the outbox.", "kind")
        self.mails = counter("mails", "Mails handed to the mail server.", "kind", "outcome")
        self.requests = counter(
            "http_requests", "Requests and live connections.", "method", "route", "status"
        )
        self.voice_refused = counter("voice_refused", "What found no place in the queue of speech.", "work")
        self.problems = counter("problems", "Warnings and errors of the log.", "event", "level")

    def _histograms(self, registry: CollectorRegistry) -> None:
        self.turn_seconds = Histogram(
            "hallpass_turn_seconds",
            "From taking a message up to its stored answer.",
            ("channel",),
            registry=registry,
            buckets=TURN_SECONDS,
        )
        self.confidence = Histogram(
            "hallpass_understanding_confidence",
            "How sure the meaning of a text was.",
            ("language",),
            registry=registry,
            buckets=SURENESS,
        )
        self.mail_seconds = Histogram(
            "hallpass_mail_age_seconds",
            "From writing a mail to handing it over.",
            ("kind",),
            registry=registry,
            buckets=MAIL_SECONDS,
        )
        self.request_seconds = Histogram(
            "hallpass_http_request_seconds",
            "How long requests took, without live connections.",
            registry=registry,
            buckets=TURN_SECONDS,
        )

    def _gauges(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, what: str, *labels: str) -> Gauge:
            # Of all the workers that are alive.
            return Gauge(f"hallpass_{name}", what, labels, registry=registry, multiprocess_mode="livesum")

        self.connections = gauge("database_connections_in_use", "Connections to the database at work.")
        self.hashing = gauge("hashing_places_taken", "Sign-ins and others that hash or wait to.")
        self.pages = gauge("chat_connections", "Pages of the chat with a live connection.")
        self.voice_working = gauge("voice_in_progress", "What is being heard or spoken.", "work")
        self.voice_waiting = gauge("voice_queue_length", "What waits to be heard or spoken.", "work")

    def _turn(self, event: Event) -> None:
        self.turns.labels(event["channel"], event["kind"], event["outcome"]).inc()
        self.turn_seconds.labels(event["channel"]).observe(event["milliseconds"] / 1000)

    def _understood(self, event: Event) -> None:
        self.confidence.labels(event["language"]).observe(event["confidence"])
        if not event["known"]:
            self.fallbacks.labels(event["language"]).inc()

    def _refused(self, event: Event) -> None:
        self.refusals.labels(event["door"], event["reason"]).inc()

    def _audited(self, event: Event) -> None:
        noted = event["noted"]
        self.audited.labels(noted).inc()
        if noted in SIGN_INS:
            self.sign_ins.labels(*SIGN_INS[noted]).inc()
        if noted == "case.opened":
            self.cases.inc()

    def _mail_put(self, event: Event) -> None:
        self.mails_put.labels(event["kind"]).inc()

    def _mail(self, event: Event) -> None:
        self.mails.labels(event["kind"], event["outcome"]).inc()
        if event["outcome"] == "sent":
            self.mail_seconds.labels(event["kind"]).observe(event["seconds"])

    def _voice_refused(self, event: Event) -> None:
        self.voice_refused.labels(event["work"]).inc()

    def _request(self, event: Event) -> None:
        method = event["method"] if event["method"] in METHODS else "other"
        self.requests.labels(method, event["route"], f"{event['status'] // 100}xx").inc()
        if event["status"] != 101:
            self.request_seconds.observe(event["milliseconds"] / 1000)

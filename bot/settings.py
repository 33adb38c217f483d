"""Read the settings of this installation from the environment, and nowhere else."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.core.errors import SettingsError
from voice.hub import HubModel, read_models

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
DEMO_KEY = "demo"
DEMO_DISTRICT = "westborough"
TELEGRAM_API = "https://api.telegram.org"
TELEGRAM_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-fA-F:]+\](:[0-9]{1,5})?"
)
TELEGRAM_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}")
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("json", "plain")
# Of the database, for all workers of one machine together, and for each.
ALL_CONNECTIONS = 80
MOST_CONNECTIONS = 20
FEWEST_CONNECTIONS = 6
DEMO_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Say how much is logged, and as what."""

    level: str = "info"
    form: str = "json"


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold what differs between installations; secrets stay out of the repr."""

    var: Path
    database_url: str = field(repr=False)
    secret_key: str | None = field(repr=False)
    api_key: str | None = field(repr=False)
    district: str | None
    public_url: str | None
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    telegram_token: str | None = field(default=None, repr=False)
    telegram_api: str = TELEGRAM_API
    demo: bool = False
    voice: bool = False
    voice_models: Path | None = None
    voice_voices: Path | None = None
    voice_hub: Mapping[str, HubModel] = field(default_factory=dict)
    workers: int = 1
    metrics_key: str | None = field(default=None, repr=False)
    logs: LogSettings = field(default_factory=LogSettings)
    backups: Path | None = None
    backup_key: str | None = field(default=None, repr=False)
    backup_key_file: Path | None = None

    @property
    def intents(self) -> Path:
        """Return the folder of the flows."""
        return ROOT / "intents"

    @property
    def actions(self) -> Path:
        """Return the folder of the actions, which the check of the files reads."""
        return ROOT / "actions"

    @property
    def config(self) -> Path:
        """Return the file of the pipeline and its thresholds."""
        return ROOT / "config.yml"

    @property
    def data(self) -> Path:
        """Return the folder of the language packs and of the demo districts."""
        return ROOT / "data"

    @property
    def connections(self) -> int:
        """Return how many connections a worker may hold: all together fit PostgreSQL's default of 100."""
        return min(MOST_CONNECTIONS, max(FEWEST_CONNECTIONS, ALL_CONNECTIONS // self.workers))

    @property
    def hashing_threads(self) -> int:
        """Return how many passwords a worker hashes at once: all together keep the processors busy."""
        return max(1, (os.cpu_count() or 1) // self.workers)

    @property
    def secure(self) -> bool:
        """Tell whether people reach this installation by HTTPS."""
        return (self.public_url or "").startswith("https://")


def read_settings(
    environment: Mapping[str, str], *, demo: bool = False, demo_url: str = DEMO_URL
) -> Settings:
    """Return the settings that the environment names; the demo fills in a key, a district and its address.

    The state folder is made when it is absent, readable by its owner alone: it holds the key.
    """
    var = Path(environment.get("HALLPASS_VAR") or ROOT / "var").resolve()
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = (
            f"The state folder {var} cannot be made ({error.strerror}): "
            "set HALLPASS_VAR to a folder you may write."
        )
        raise SettingsError(message) from None
    return Settings(
        var=var,
        database_url=environment.get("HALLPASS_DATABASE_URL") or f"sqlite:///{var / 'hallpass.db'}",
        secret_key=environment.get("HALLPASS_SECRET_KEY") or None,
        api_key=environment.get("HALLPASS_API_KEY") or (DEMO_KEY if demo else None),
        district=environment.get("HALLPASS_DISTRICT") or (DEMO_DISTRICT if demo else None),
        public_url=environment.get("HALLPASS_PUBLIC_URL") or (demo_url if demo else None),
        smtp_url=environment.get("HALLPASS_SMTP_URL") or None,
        mail_from=environment.get("HALLPASS_MAIL_FROM") or None,
        telegram_token=_token(environment.get("TELEGRAM_TOKEN")),
        telegram_api=_api(environment.get("HALLPASS_TELEGRAM_API")),
        demo=demo,
        voice=(environment.get("HALLPASS_VOICE") or "off").strip().lower() in {"on", "1", "true", "yes"},
        voice_models=_place(environment.get("HALLPASS_VOICE_MODELS")),
        voice_voices=_place(environment.get("HALLPASS_VOICE_VOICES")),
        voice_hub=_hub(environment.get("HALLPASS_VOICE_HUB")),
        metrics_key=environment.get("HALLPASS_METRICS_KEY") or (DEMO_KEY if demo else None),
        logs=_logs(environment),
        backups=_place(environment.get("HALLPASS_BACKUPS")),
        backup_key=environment.get("HALLPASS_BACKUP_KEY") or None,
        backup_key_file=_place(environment.get("HALLPASS_BACKUP_KEY_FILE")),
    )


def _logs(environment: Mapping[str, str]) -> LogSettings:
    level = (environment.get("HALLPASS_LOG_LEVEL") or "info").strip().lower()
    form = (environment.get("HALLPASS_LOG_FORMAT") or "json").strip().lower()
    if level not in LOG_LEVELS:
        message = f"HALLPASS_LOG_LEVEL is none of the levels: write one of {', '.join(LOG_LEVELS)}."
        raise SettingsError(message)
    if form not in LOG_FORMATS:
        message = f"HALLPASS_LOG_FORMAT is none of the formats: write one of {', '.join(LOG_FORMATS)}."
        raise SettingsError(message)
    return LogSettings(level, form)


def _place(value: str | None) -> Path | None:
    return Path(value).resolve() if value else None


def _hub(value: str | None) -> Mapping[str, HubModel]:
    try:
        return read_models(value or "")
    except ValueError as error:
        message = (
            f"HALLPASS_VOICE_HUB names no model with {error}: write it as in "
            "multi=Systran/faster-whisper-small@COMMIT, with the 40 digits of one commit of that repository."
        )
        raise SettingsError(message) from None


def _api(value: str | None) -> str:
    address = (value or TELEGRAM_API).strip().rstrip("/")
    if not TELEGRAM_ADDRESS.fullmatch(address):
        # It is not repeated: somebody may have put the token behind it.
        message = (
            "HALLPASS_TELEGRAM_API is no address: leave it out, or name a Bot API server of your own by "
            "scheme and host alone, as in http://127.0.0.1:8081."
        )
        raise SettingsError(message)
    return address


def _token(value: str | None) -> str | None:
    if value and not TELEGRAM_TOKEN.fullmatch(value.strip()):
        # The value itself is not repeated: it may be a token all the same.
        message = (
            "TELEGRAM_TOKEN is no token: copy it from @BotFather, as in 123456789:AAE..., and start again."
        )
        raise SettingsError(message)
    return value.strip() if value else None

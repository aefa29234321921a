"""Every setting of the bot, typed, from the environment or a `.env` file."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.privacy.terms import DAYS_KEPT

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""What Telegram accepts: https://core.telegram.org/bots/api#setwebhook."""


class SettingsError(Exception):
    """A setting cannot be used; the message names the variable and what it should look like."""


def _accepted_by_telegram(secret: SecretStr) -> SecretStr:
    if not _SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("letters, digits, _ and - only")
    return secret


def _in_order(hours: str) -> str:
    first, last = map(int, hours.split("-"))
    if first >= last:
        raise ValueError("first hour not before the last")
    return hours


def _without_path(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if "/" in rest.rstrip("/"):
        raise ValueError("no path")
    return f"{scheme}://{rest.rstrip('/')}"


Listen = Annotated[str, Field(pattern=r"^\S+:\d{1,5}$")]
Hours = Annotated[str, Field(pattern=r"^\d{1,2}-(1?\d|2[0-4])$"), AfterValidator(_in_order)]
Url = Annotated[str, Field(pattern=r"^https?://[^/\s]+")]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="PASSERELLE_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    bot_token: SecretStr | None = None
    api_url: Url = "https://api.telegram.org"
    staff_chat_id: int | None = None
    webhook_url: Url | None = None
    """https address at which Telegram reaches us; without it the bot polls."""
    webhook_secret: Annotated[SecretStr, AfterValidator(_accepted_by_telegram)] | None = None
    """Letters, digits, _ and -; without it one is derived from the token."""
    webhook_listen: Listen = "127.0.0.1:8080"
    health_listen: Listen | None = None
    """Address and port at which /live, /ready and /metrics answer; without it, nowhere."""
    console_url: Annotated[Url, AfterValidator(_without_path)] | None = None
    """Address at which browsers reach the staff console; without it, `telegram` serves none."""
    console_listen: Listen = "127.0.0.1:8090"
    alarm_minutes: Annotated[int, Field(ge=0)] = 30
    """A request that nobody takes is announced again after so many minutes, in opening hours; 0: never."""
    burst_seconds: Annotated[float, Field(ge=0, le=10)] = 1.2
    """Texts that a citizen sends within so many seconds of each other are one question; 0 answers each by itself."""
    notice_hours: Hours = "9-19"
    """When subscribers are told of news: on working days, in French time; 0-24: at any hour of any day."""
    two_persons: bool = False
    """What one person changes of the knowledge another must approve; freezing an entry needs nobody else."""
    retention_days: Annotated[int, Field(ge=1)] = DAYS_KEPT
    """What is older is removed: questions, messages, closed requests, conversations (docs/rgpd.md)."""
    hash_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Makes the pseudonyms in logs; without it, a key in the database, renewed after `retention_days`."""
    log: Literal["text", "json"] = "text"
    """Lines for people, or JSON lines for a collector of logs."""
    database_url: str = "sqlite+aiosqlite:///passerelle.db"
    knowledge_dir: Path = Path("knowledge")
    semantic: Literal["on", "off"] = "on"
    backup_dir: Path | None = None
    """Where `backup` writes when no file is named, and where `doctor` looks how old the last one is."""
    cache_dir: Path = Path(".cache/passerelle")
    """Vectors of the knowledge's sentences: may be deleted at any time."""


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: with all unusable variables.
    """
    try:
        return Settings()
    except ValidationError as refusal:
        sentences = [
            f"PASSERELLE_{str(error['loc'][0]).upper()} : {_SHAPES.get(str(error['loc'][0]), error['msg'])}"
            for error in refusal.errors()
        ]
        raise SettingsError("\n".join(sentences)) from None


_SHAPES = {
    "retention_days": f"il faut un nombre de jours, 1 au moins, par exemple {DAYS_KEPT}.",
    "hash_key": "il faut 16 caractères au moins, au hasard.",
    "health_listen": "il faut une adresse et un port, par exemple 127.0.0.1:9090.",
    "console_url": "il faut l'adresse d'un serveur, sans chemin, par exemple https://console.exemple.fr.",
    "console_listen": "il faut une adresse et un port, par exemple 127.0.0.1:8090.",
    "alarm_minutes": "il faut un nombre de minutes, par exemple 30 ; 0 pour aucune alarme.",
    "notice_hours": "il faut deux heures, par exemple 9-19 ; 0-24 pour écrire à toute heure.",
    "burst_seconds": "il faut un nombre de secondes entre 0 et 10, par exemple 1.2.",
    "api_url": "il faut une adresse, par exemple https://api.telegram.org.",
    "webhook_url": "il faut une adresse https, par exemple https://bot.exemple.fr/telegram.",
    "webhook_secret": "il faut 1 à 256 lettres (sans accent), chiffres, tirets ou soulignés.",
    "webhook_listen": "il faut une adresse et un port, par exemple 127.0.0.1:8080.",
    "staff_chat_id": "il faut le numéro d'un groupe, par exemple -1001234567890.",
    "two_persons": "écrivez « true » ou « false ».",
    "log": "écrivez « text » ou « json ».",
    "semantic": "écrivez « on » ou « off ».",
}

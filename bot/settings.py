"""Every setting of the bot, typed, from the environment or a `.env` file."""

from pathlib import Path
from typing import Literal

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting cannot be used; the message names the variable and what it should look like."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="PASSERELLE_", env_file=".env", extra="ignore", frozen=True)

    bot_token: SecretStr | None = None
    api_url: str = "https://api.telegram.org"
    staff_chat_id: int | None = None
    database_url: str = "sqlite+aiosqlite:///passerelle.db"
    knowledge_dir: Path = Path("knowledge")
    semantic: Literal["on", "off"] = "on"
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
    "staff_chat_id": "il faut le numéro d'un groupe, par exemple -1001234567890.",
    "semantic": "écrivez « on » ou « off ».",
}

"""For all tests."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.emulator import BotApi

# As bot.channels.telegram.client does: without it RetryAfter warns, and warnings are errors.
os.environ["PTB_TIMEDELTA"] = "true"

# As bot/__init__.py does: a test may import numpy first.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

# The same examples each time, however busy the machine; `--hypothesis-profile=default` looks for new ones.
settings.register_profile(
    "passerelle", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("passerelle")


@pytest.fixture
async def api() -> AsyncIterator["BotApi"]:
    """Telegram, emulated over HTTP."""
    from tests.emulator import BotApi  # noqa: PLC0415 - most tests do without its web server

    async with BotApi() as running:
        yield running


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the matcher learnt, for all tests that run the real commands: a second of work, once for each folder."""
    return tmp_path_factory.mktemp("cache")

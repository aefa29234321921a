"""For all tests."""

import os
from pathlib import Path

import pytest

# As bot.channels.telegram.client does: without it RetryAfter warns, and warnings are errors.
os.environ["PTB_TIMEDELTA"] = "true"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the matcher learnt, for all tests that run the real commands: a second of work, once for each folder."""
    return tmp_path_factory.mktemp("cache")

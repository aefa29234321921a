"""For all tests."""

import os

# As bot.channels.telegram.client does: without it RetryAfter warns, and warnings are errors.
os.environ["PTB_TIMEDELTA"] = "true"

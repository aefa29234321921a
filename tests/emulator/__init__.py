"""An HTTP emulator of the Telegram Bot API, for tests: https://core.telegram.org/bots/api."""

from tests.emulator.group import StaffGroup
from tests.emulator.people import Citizen, Person
from tests.emulator.sent import SentMessage
from tests.emulator.server import BotApi, Call
from tests.emulator.world import Press

__all__ = ["BotApi", "Call", "Citizen", "Person", "Press", "SentMessage", "StaffGroup"]

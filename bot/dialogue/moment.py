"""When something happens, and what is known of the service at that time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.knowledge.hours import LEGAL_TIME


@dataclass(frozen=True, slots=True)
class Moment:
    now: datetime
    """With its time zone, whichever."""
    usual_wait: timedelta | None = None
    """The measured median until a person answers; None when too few were measured to say anything."""

    @property
    def day(self) -> date:
        """The day of the service's clock: it decides which entries are in force."""
        return self.now.astimezone(LEGAL_TIME).date()

"""Killed with -9 again and again, the bot loses nothing; the large version is `benchmarks/crash_test.py`."""

from pathlib import Path

from benchmarks.crash_test import Plan, crash_test


async def test_killed_at_random_moments_every_question_is_answered_in_order_and_doubles_are_counted(tmp_path: Path):
    database = f"sqlite+aiosqlite:///{tmp_path}/passerelle.db"
    plan = Plan(database, citizens=12, each=5, kills=4, longest=0.6, patience=60)
    outcome = await crash_test(plan, tmp_path)
    assert outcome.kept, outcome
    assert outcome.asked == 60

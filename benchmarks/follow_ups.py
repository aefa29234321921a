"""Second turns of a conversation, with and without the entry answered before: tests/data/follow-ups.jsonl.

python benchmarks/follow_ups.py [--lexical]
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import ROOT, TODAY, matcher_of
from bot.dialogue.decision import Floors, decide

_COLUMNS = ("top1", "answered right", "resolved", "wrong answer")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lexical", action="store_true")
    matcher = matcher_of(ROOT / "knowledge", semantic=not parser.parse_args().lexical)
    lines = (ROOT / "tests/data/follow-ups.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for context in (False, True):
        found: dict[str, list[tuple[bool, ...]]] = defaultdict(list)
        for row in rows:
            last = row["last_entry"] if context else None
            ranking = matcher.understand(row["text"], language=row["lang"], day=TODAY, last_entry=last)[0]
            verdict = decide(ranking, Floors())
            right = [row["expected"]] if isinstance(row["expected"], str) else row["expected"] or []
            found[row["kind"]].append(
                (
                    ranking.candidates[0].entry in right,
                    verdict.entry in right,
                    any(entry in right for entry in (verdict.entry, *verdict.offered)),
                    verdict.entry is not None and verdict.entry not in right,
                )
            )
        print("with the entry answered before" if context else "each question by itself")
        for kind, flags in found.items():
            sums = (f"{name} {sum(column)}" for name, column in zip(_COLUMNS, zip(*flags, strict=True), strict=True))
            print(f"  {kind:14} of {len(flags):2}: {', '.join(sums)}")


if __name__ == "__main__":
    main()

"""One question on the shipped knowledge: its time beside that of the embedding alone, the start, and a pipe of many.

python benchmarks/ask.py

All in one run, on the development questions; the first run in a fresh folder also fills the cache (some minutes).
Where the embedding takes part, times are by the clock (it uses every core) and by turns, so that their ratio means
something on a busy machine; what words and language detection take is processor time.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as bot/__init__.py does, before numpy is imported

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import ROOT, TODAY, matcher_of
from bot.matching.evaluation import read_questions
from bot.matching.matcher import sentences_of

_COMMAND = (sys.executable, str(ROOT / "run_bot.py"), "ask")
_FILES = ("questions-dev.jsonl", "questions-challenge.jsonl")
_REPEATS = 20
_STARTS = 5

Step = Callable[[str], object]


def main() -> None:
    dev, challenge = (_questions(ROOT / "tests/data" / name) for name in _FILES)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    of_a_start(dev[0])  # before this process grows: a child's peak counts what it was forked from
    of_one_question([text for text in dev if len(sentences_of(text)) == 1])
    of_a_pipe([*dev, *challenge])
    print(f"load {os.getloadavg()[0]:.1f}")


def of_one_question(questions: Sequence[str]) -> None:
    """The matcher against its encoder alone, and its words alone."""
    full, words = (matcher_of(ROOT / "knowledge", semantic=semantic) for semantic in (True, False))
    assert full.encoder is not None  # noqa: S101 - for the type checker
    by_turns: dict[str, Step] = {
        "embedding": lambda text: full.encoder.encode([text]),
        "question": lambda text: full.understand(text, day=TODAY),
    }
    taken = _taken(by_turns, questions, time.perf_counter)
    taken |= _taken(
        {"words": lambda text: words.understand(text, language="fr", day=TODAY)}, questions, time.thread_time
    )
    taken |= _taken({"language": lambda text: words.language_of(text, fallback="fr")}, questions, time.thread_time)
    print(f"{len(questions)} questions of one sentence, ms    p50     p99")
    for name, each in taken.items():
        print(f"    {name:32}{np.median(each):7.2f} {np.percentile(each, 99):7.2f}")
    ratio = np.median(taken["question"]) / np.median(taken["embedding"])
    print(f"    question / embedding            {ratio:7.2f} (aim: 1.3 at most); words: aim 1 ms")


def _taken(steps: Mapping[str, Step], questions: Sequence[str], clock: Callable[[], float]) -> dict[str, list[float]]:
    """Milliseconds of each step on each question, the steps by turns and each as often the first."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for text in questions[:10]:  # what is loaded at the first question
        for step in steps.values():
            step(text)
    for number, text in enumerate(questions):
        for name, step in sorted(steps.items(), reverse=bool(number % 2)):
            start = clock()
            step(text)
            taken[name].append((clock() - start) * 1000)
    return taken


def of_a_start(question: str) -> None:
    """Processes that answer one question each: the median, and the memory of the largest."""
    clock, processor = zip(*(_start(question) for _ in range(_STARTS)), strict=True)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"start to first answer, warm: {np.median(clock):.2f} s by the clock, {np.median(processor):.2f} s of "
        f"processor time (aim: 2 s), {memory:.0f} MiB at most (aim: 400)"
    )


def of_a_pipe(questions: Sequence[str]) -> None:
    """Questions a second through one `ask --json` that has started: each for the first time, then over and over."""
    lines = [json.dumps({"text": text}).encode() + b"\n" for text in dict.fromkeys(questions)]
    with subprocess.Popen([*_COMMAND, "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:  # noqa: S603 - our own command
        _asked(process, lines[:1])
        for name, asked in (("new", lines[1:]), ("repeated", lines * _REPEATS)):
            rate = len(asked) / _asked(process, asked)
            print(f"{len(asked)} {name} questions through a pipe: {rate:.0f} a second by the clock (aim: 100)")
        assert process.stdin  # noqa: S101 - for the type checker
        process.stdin.close()


def _asked(process: subprocess.Popen[bytes], lines: Sequence[bytes]) -> float:
    """Seconds until the last line is answered."""
    assert process.stdin and process.stdout  # noqa: S101, PT018 - for the type checker
    start = time.perf_counter()
    writer = Thread(target=lambda stream: (stream.write(b"".join(lines)), stream.flush()), args=(process.stdin,))
    writer.start()  # answers are read meanwhile: a full pipe would stop both
    for _ in lines:
        process.stdout.readline()
    writer.join()
    return time.perf_counter() - start


def _questions(file: Path) -> list[str]:
    return [question.text for question in read_questions(file.read_text(encoding="utf-8-sig").split("\n"))]


def _start(question: str) -> tuple[float, float]:
    """Seconds of one `ask`: by the clock, and of processor time."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*_COMMAND, question], stdout=subprocess.DEVNULL, cwd=ROOT, check=True)  # noqa: S603 - our own command
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()

"""The real commands on a small fixed folder, lexical signals only: quick and the same every time.

`passerelle` runs a command as `run_bot.py` does, in this process (starting another costs a second); `start` starts the
process itself, for what only a process has: pipes that close, a terminal, Ctrl-C.
"""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest

from bot import cli

ROOT = Path(__file__).parents[2]
KNOWLEDGE = Path(__file__).with_name("knowledge")


class Ran(NamedTuple):
    status: int
    out: str
    err: str


Command = Callable[..., Ran]
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def settings(tmp_path: Path, cache: Path) -> Mapping[str, str]:
    """All settings that the commands see."""
    return {
        "PASSERELLE_CACHE_DIR": str(cache),
        "PASSERELLE_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/passerelle.db",
        "PASSERELLE_KNOWLEDGE_DIR": str(KNOWLEDGE),
        "PASSERELLE_SEMANTIC": "off",
        "COLUMNS": "80",
    }


@pytest.fixture
def passerelle(
    settings: Mapping[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Command:
    for name in [name for name in os.environ if name.startswith("PASSERELLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)  # where no .env is

    def run(*arguments: str, stdin: bytes = b"", **changed: str) -> Ran:
        for name, value in (settings | changed).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["run_bot.py", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Ran(int(ended.value.code or 0), out.decode("utf-8", "surrogateescape"), err.decode())

    return run


@pytest.fixture
def start(settings: Mapping[str, str], tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str, stdin: int | IO[Any] = subprocess.PIPE, **changed: Any) -> "subprocess.Popen[bytes]":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
        streams = {"stdin": stdin, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | changed
        command = [sys.executable, str(ROOT / "run_bot.py"), *arguments]
        process = subprocess.Popen(command, cwd=tmp_path, env=environment | settings, **streams)  # noqa: S603 - our own
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()

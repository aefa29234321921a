"""A publication as a commit, if the knowledge is in a git checkout. Never fails: says why there is no commit."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.editing.texts import text

_SECONDS = 20
_SAFE = (
    # What a repository's own configuration could run; and who commits, where nobody is configured.
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "commit.gpgSign=false"),
    *("-c", "user.name=Passerelle", "-c", "user.email=passerelle@localhost"),
)


@dataclass(frozen=True, slots=True)
class Commit:
    digest: str | None
    """None: there is none."""
    why_not: str | None = None
    """In French; None also where the folder is in no checkout."""


def commit(folder: Path, paths: Sequence[str], *, author: str, message: str) -> Commit:
    """Commit exactly these files of `folder`, and nothing else that is staged."""
    try:
        if _git(folder, "rev-parse", "--is-inside-work-tree").stdout.strip() != "true":
            return Commit(None)
        name = "".join(letter for letter in author if letter.isprintable() and letter not in "<>").strip() or "?"
        signed = (f"--author={name} <passerelle@localhost>", f"--message={message}")
        for call in (("add", "--all", "--", *paths), ("commit", "--quiet", "--only", *signed, "--", *paths)):
            done = _git(folder, *call)
            if done.returncode:
                return Commit(None, text("git_refused", error=_sentence(done)))
        return Commit(_git(folder, "rev-parse", "HEAD").stdout.strip())
    except FileNotFoundError:
        return Commit(None)  # no git, hence no checkout that anybody uses
    except (OSError, subprocess.SubprocessError) as error:
        return Commit(None, text("git_refused", error=error))


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings = {"GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1", "LC_ALL": "C"}
    return subprocess.run(  # noqa: S603 - fixed arguments, no shell; paths and texts stand after `--` or `=`
        ["git", *_SAFE, *arguments],  # noqa: S607 - git of the system
        cwd=folder,
        env={**environment, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_SECONDS,
        check=False,
    )


def _sentence(done: subprocess.CompletedProcess[str]) -> str:
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return said[0] if said else str(done.returncode)

"""Runs docs/deploy.md on a new Debian, block by block, and asks the bot a question through each front.

    PYTHONPATH=. .venv/bin/python deploy/try.py FOLDER

As root; needs debootstrap. FOLDER gets the Debian (made when missing, 200 MB) and is used up by a run: an overlay of it
is what the page changes. Nothing outside of FOLDER is changed. systemd does not run in a chroot: `systemctl` enables
there and starts nothing, so the services are started here by the ExecStart of their unit.
"""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Self

import httpx

from tests.emulator import BotApi

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^## ([^\n]+)$|^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOKEN, GROUP = "123456:TRY-OF-NOBODY", -1001234567890  # of a bot that does not exist
HOST = "localhost"
CERTIFICATE = f"""mkdir -p /etc/letsencrypt/live/{HOST}; cd /etc/letsencrypt/live/{HOST}
openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN={HOST} -keyout privkey.pem -out fullchain.pem 2>/dev/null"""


def page_blocks() -> list[tuple[str, str]]:
    """Heading and commands of each block of the page."""
    heading, blocks = "", []
    for title, block in BLOCK.findall((ROOT / "docs/deploy.md").read_text(encoding="utf-8")):
        if title:
            heading = title
        else:
            blocks.append((heading, block))
    return blocks


class Debian:
    def __init__(self, folder: Path) -> None:
        self._base, self._top, self.root = folder / "debian", folder / "top", folder / "root"

    def __enter__(self) -> Self:
        if not (self._base / "etc/os-release").exists():
            run("debootstrap", "--variant=minbase", "bookworm", str(self._base))
        for part in ("upper", "work"):
            (self._top / part).mkdir(parents=True, exist_ok=True)
        self.root.mkdir(exist_ok=True)
        run("mount", "-t", "tmpfs", "tmpfs", str(self._top))
        for part in ("upper", "work"):
            (self._top / part).mkdir()
        layers = f"lowerdir={self._base},upperdir={self._top}/upper,workdir={self._top}/work"
        run("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))
        run("mount", "-t", "proc", "proc", str(self.root / "proc"))
        run("mount", "--rbind", "/dev", str(self.root / "dev"))
        for name in ("/etc/resolv.conf", "/etc/hosts"):
            (self.root / name[1:]).write_bytes(Path(name).read_bytes())
        (self.root / "etc/trial-ca.crt").write_bytes(Path("/etc/ssl/certs/ca-certificates.crt").read_bytes())
        (self.root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")  # packages start nothing
        (self.root / "usr/sbin/policy-rc.d").chmod(0o755)
        self.sh("apt-get update -qq; apt-get install -qq --yes systemd >/dev/null")  # every server has it
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-R", "-l", self.root], check=False)
        subprocess.run(["umount", "-l", self._top], check=False)

    def command(self, *command: str) -> list[str]:
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        environment = (path, "HOME=/root", "LC_ALL=C.UTF-8")
        trial = (
            "SYSTEMD_OFFLINE=1",
            "PIP_CERT=/etc/trial-ca.crt",
            "PIP_DEFAULT_TIMEOUT=180",
            "DEBIAN_FRONTEND=noninteractive",
        )
        return ["chroot", str(self.root), "env", "-i", *environment, *trial, *command]

    def sh(self, commands: str) -> None:
        print("\n".join(f"$ {line}" for line in commands.strip().splitlines()), flush=True)
        subprocess.run(self.command("bash", "-euo", "pipefail", "-c", commands), check=True, stdin=subprocess.DEVNULL)

    @asynccontextmanager
    async def service(self) -> AsyncIterator[None]:
        """The bot, by the ExecStart of its unit, as its user, in its folder."""
        unit = (self.root / "etc/systemd/system/passerelle.service").read_text()
        start = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)[0]
        at = f"cd /var/lib/passerelle && umask 077 && exec runuser -u passerelle -- {start}"
        process = await asyncio.create_subprocess_exec(*self.command("sh", "-c", at), start_new_session=True)
        try:
            yield
        finally:
            assert process.returncode is None, "the bot has ended"
            os.killpg(process.pid, 15)
            await asyncio.wait_for(process.wait(), 30)


def run(*command: str) -> None:
    subprocess.run(command, check=True)


def tried(block: str, api: BotApi) -> str:
    """The block with what a trial cannot have replaced."""
    block = block.replace("https://git.exemple.fr/passerelle.git", "/srv/passerelle.git")
    block = re.sub(r"PASSERELLE_BOT_TOKEN=123456789:AA[EF]\.\.\.", f"PASSERELLE_BOT_TOKEN={TOKEN}", block)
    block = block.replace("bot.exemple.fr", HOST)
    if "deploy/passerelle.env /etc" in block:
        # Few entries and no semantic signal, which other tests look at: what is learnt at a start takes a minute.
        block = block.replace("cp -R knowledge ", "cp -R tests/end_to_end/knowledge ")
        extra = f"PASSERELLE_API_URL={api.url}\\nPASSERELLE_SEMANTIC=off\\n"
        block += f"printf '{extra}' >> /etc/passerelle/passerelle.env\n"
    block = block.replace(
        "nginx -t\n", f"sed -i s/bot.exemple.fr/{HOST}/ /etc/nginx/conf.d/*\n{CERTIFICATE}\nnginx -t\n"
    )
    # Beside the PostgreSQL of this machine that of the Debian gets the next port.
    port = "port='$(pg_lsclusters -h | cut -d' ' -f3)'"
    block = block.replace("host=/var/run/postgresql|'", f"host=/var/run/postgresql\\&{port}|'")
    block = block.replace("host=/var/run/postgresql'", f"host=/var/run/postgresql&{port}'")
    return block.replace("caddy validate", f"sed -i s/bot.exemple.fr/{HOST}/ /etc/caddy/Caddyfile\ncaddy validate")


async def question(api: BotApi, number: int, through: str) -> None:
    """A citizen asks, and is answered."""
    citizen = api.private_chat(number, "Awa")
    await citizen.says("Comment demander une aide ?")
    answer = await citizen.waits_for("Source", timeout=180)
    print(f"--- answered through {through}: {answer.text[:90]!r}", flush=True)


async def listening(port: int) -> None:
    """Wait until the bot, which learns first, takes connections."""
    async with asyncio.timeout(180):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.5)


async def fronts(debian: Debian, api: BotApi) -> None:
    """Caddy, then nginx, each with its own certificate: the webhook and the console."""
    starts = {
        "Caddy": ("caddy start --config /etc/caddy/Caddyfile", "caddy stop"),
        "nginx": ("nginx", "nginx -s stop"),
    }
    for number, (name, (start, stop)) in enumerate(starts.items(), start=100):
        debian.sh(start)
        try:
            await listening(8080)
            await listening(8090)
            async with httpx.AsyncClient(verify=False, timeout=10) as client:  # its certificate is our own
                console = (await client.get(f"https://{HOST}/")).status_code
                refused = (await client.post(f"https://{HOST}/telegram", content="{}")).status_code
            print(f"--- {name}: console {console}, webhook without the secret {refused}", flush=True)
            assert (console, refused) in {(200, 403), (303, 403), (401, 403)}
            await question(api, number, name)
        finally:
            debian.sh(stop)


async def main(folder: Path) -> None:
    async with BotApi(TOKEN) as api:
        api.group(GROUP, "Service", forum=True, members=["Alice"])
        with Debian(folder) as debian:
            run("git", "clone", "--quiet", "--bare", str(ROOT), str(debian.root / "srv/passerelle.git"))
            here = ""
            for heading, block in page_blocks():
                print(f"\n=== {heading}", flush=True)
                await asyncio.to_thread(debian.sh, here + tried(block, api))
                here = "cd /opt/passerelle\n"
                if "passerelle doctor" in block and heading == "Démarrer":
                    async with debian.service():
                        await question(api, 42, "polling")
                        await asyncio.to_thread(debian.sh, "passerelle backup; passerelle doctor")
                if "nginx -t" in block:
                    async with debian.service():
                        await fronts(debian, api)
                    await asyncio.to_thread(debian.sh, "sed -i /WEBHOOK_URL/d /etc/passerelle/passerelle.env")
                if "createdb" in block:
                    async with debian.service():
                        await question(api, 43, "PostgreSQL")
                        await asyncio.to_thread(debian.sh, "passerelle backup /var/backups/passerelle/pg.tar.gz")
                    debian.sh("service postgresql stop")
            debian.sh("ls -l /etc/passerelle /var/lib/passerelle /var/backups/passerelle")
            for unit in ("passerelle.service", "passerelle-backup.service"):
                path = f"{debian.root}/etc/systemd/system/{unit}"
                subprocess.run(["systemd-analyze", "security", "--offline=true", path], check=False)
    print("\nEvery block of docs/deploy.md went through.")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).resolve()))

"""A small web server inside the bot's own loop."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


async def serve(app: ASGIApp, listen: str, stop: asyncio.Event) -> None:
    """Serve on `listen` ("127.0.0.1:8080") until `stop` is set; requests under way are answered first.

    Raises:
        OSError: the address is taken, or is not one of this machine; its text names the address.
    """
    host, _, port = listen.rpartition(":")
    try:
        taken = socket.create_server((host, int(port)))
    except OSError as error:
        raise OSError(error.errno, f"{listen} : {error.strerror or error}") from error
    server = _Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=5))
    serving = asyncio.create_task(server.serve([taken]))
    await stop.wait()
    server.should_exit = True
    await serving


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals are the service's: it stops its other parts with them."""
        yield

"""Reads a request's parameters in the four ways that https://core.telegram.org/bots/api#making-requests allows."""

import json
import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from tests.emulator.errors import bad_request


@dataclass(frozen=True)
class Upload:
    """A file of a multipart form."""

    name: str
    content: bytes
    mime: str


@dataclass(frozen=True)
class Params:
    """The parameters of one call; typed reading follows the leniency of Telegram's server (`get_integer_arg`…)."""

    values: dict[str, Any]
    files: dict[str, Upload] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError):
            return default

    def number(self, name: str) -> float:
        try:
            return float(self.values[name])
        except (KeyError, TypeError, ValueError):
            raise bad_request(f"parameter {name} is empty or not a number") from None

    def flag(self, name: str, *, default: bool = False) -> bool:
        return str(self.values.get(name, default)).lower() in ("true", "yes", "1")

    def tree(self, name: str) -> Any:
        """A nested value: an object in a JSON body, a JSON string in forms and query strings."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise bad_request(f"can't parse {name} JSON object") from None


async def read_parameters(request: Request) -> Params:
    """Query string first, the body's values over it."""
    values: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    header = request.headers.get("content-type", "")
    kind = header.partition(";")[0].strip().lower()
    files: dict[str, Upload] = {}
    if kind == "application/json" and body:
        values |= _from_json(body)
    elif kind == "application/x-www-form-urlencoded":
        values |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif kind == "multipart/form-data":
        fields, files = _from_multipart(body, header)
        values |= fields
    return Params(values, files)


def _from_json(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body)
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(values, dict):
        raise bad_request("can't parse JSON object")
    return {name: value for name, value in values.items() if value is not None}


def _from_multipart(body: bytes, header: str) -> tuple[dict[str, str], dict[str, Upload]]:
    """RFC 7578, as far as httpx and curl use it; python-multipart is not a dependency of the project."""
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    boundary = _header_parameter("multipart/form-data", header, "boundary")
    for part in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        disposition = _line(head, "content-disposition")
        name = _header_parameter("form-data", disposition, "name")
        if "filename" in disposition:
            file_name = _header_parameter("form-data", disposition, "filename")
            files[name] = Upload(file_name, content, _line(head, "content-type") or "application/octet-stream")
        else:
            fields[name] = content.decode()
    return fields, files


def _line(head: bytes, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\s*$", head.decode(), re.IGNORECASE | re.MULTILINE)
    return found.group(1) if found else ""


def _header_parameter(_kind: str, header: str, name: str) -> str:
    message = EmailMessage()
    message["content-type"] = "x/y;" + header.partition(";")[2]
    return str(message.get_param(name, "")) if message else ""

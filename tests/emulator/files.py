"""Files that people or the bot sent: https://core.telegram.org/bots/api#file."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.emulator.errors import bad_request

# A one-pixel PNG: what a person's photo holds unless the test says otherwise.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082",
)
SUFFIXES = {"photo": "jpg", "voice": "oga", "video": "mp4", "audio": "mp3", "animation": "mp4", "sticker": "webp"}
MEDIA_KINDS = ("photo", "document", "voice", "video", "audio", "animation", "sticker", "video_note")
DOWNLOAD_LIMIT = 20 * 1024 * 1024
"""Bots download files of up to 20 MB: https://core.telegram.org/bots/api#getfile."""


@dataclass(frozen=True)
class StoredFile:
    """A file by its id; `path` is where /file/bot<token>/ serves it."""

    file_id: str
    kind: str
    content: bytes
    name: str
    mime: str

    @property
    def path(self) -> str:
        return f"{self.kind}s/{self.file_id}.{SUFFIXES.get(self.kind, 'bin')}"

    def head(self) -> dict[str, Any]:
        return {"file_id": self.file_id, "file_unique_id": f"u{self.file_id}", "file_size": len(self.content)}

    def content_json(self) -> dict[str, Any]:
        """The field of a message that carries this file."""
        body: dict[str, Any] = self.head()
        if self.kind == "photo":
            return {"photo": [{**body, "width": 1, "height": 1}]}
        if self.kind in ("voice", "video", "audio", "animation", "video_note"):
            body["duration"] = 1
        if self.kind in ("video", "animation", "sticker"):
            body |= {"width": 512, "height": 512}
        if self.kind == "video_note":
            body["length"] = 240
        if self.kind == "sticker":
            body |= {"type": "regular", "is_animated": False, "is_video": False, "emoji": "🙂"}
        elif self.kind != "video_note":
            body["mime_type"] = self.mime
        if self.kind in ("document", "video", "audio", "animation"):
            body["file_name"] = self.name
        return {self.kind: body}


@dataclass
class FileStore:
    """Every file of the emulated Telegram."""

    files: dict[str, StoredFile] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))

    def add(self, kind: str, content: bytes, name: str = "file", mime: str = "application/octet-stream") -> StoredFile:
        stored = StoredFile(f"{kind}-{next(self.numbers)}", kind, content, name, mime)
        self.files[stored.file_id] = stored
        return stored

    def find(self, file_id: str) -> StoredFile:
        if file_id not in self.files:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return self.files[file_id]

    def at_path(self, path: str) -> StoredFile | None:
        return next((stored for stored in self.files.values() if stored.path == path), None)

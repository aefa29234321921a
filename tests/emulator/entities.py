"""Text and its entities: HTML as Telegram reads it, and what Telegram marks by itself (commands, links…).

https://core.telegram.org/bots/api#html-style and https://core.telegram.org/bots/api#messageentity. The wording of the
refusals is that of tdlib's `parse_html`; offsets and lengths count UTF-16 units, as the API asks.
"""

import html
import re
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.errors import ApiError, bad_request

Entity = dict[str, Any]

_STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_ATTRIBUTE = re.compile(r"""\s*([^\s=>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?""")
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_FOUND_BY_TELEGRAM = (
    ("url", re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")),
    ("email", re.compile(r"(?<![\w.])[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("bot_command", re.compile(r"(?<![\w/>])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w.])@[A-Za-z]\w{3,31}")),
    ("hashtag", re.compile(r"(?<![\w#])#\w*[^\W\d]\w*")),
)


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True)
class FormattedText:
    """A text as Telegram keeps it: no tags, entities beside it."""

    text: str
    entities: tuple[Entity, ...] = ()


@dataclass
class _Open:
    tag: str
    offset: int
    written: int
    attributes: dict[str, str]


def parse(text: str, parse_mode: str, entities: list[Entity] | None = None) -> FormattedText:
    """The text of a call: https://core.telegram.org/bots/api#formatting-options."""
    is_html = parse_mode.lower() == "html"
    parsed = _HtmlReader(text).read() if is_html else FormattedText(text, tuple(entities or ()))
    return with_found_entities(_trimmed(parsed))


def with_found_entities(formatted: FormattedText) -> FormattedText:
    """Adds links, commands, mentions… where no other entity already stands."""
    entities = list(formatted.entities)
    for kind, pattern in _FOUND_BY_TELEGRAM:
        for match in pattern.finditer(formatted.text):
            start = utf16_length(formatted.text[: match.start()])
            length = utf16_length(match.group())
            if not any(_overlap(entity, start, length) for entity in entities):
                entities.append({"type": kind, "offset": start, "length": length})
    return FormattedText(formatted.text, tuple(sorted(entities, key=_order)))


def _overlap(entity: Entity, start: int, length: int) -> bool:
    if entity["type"] in ("bold", "italic", "underline", "strikethrough", "spoiler", "blockquote"):
        return False
    begin, end = int(entity["offset"]), int(entity["offset"]) + int(entity["length"])
    return begin < start + length and start < end


def _order(entity: Entity) -> tuple[int, int]:
    return entity["offset"], -entity["length"]


def _trimmed(formatted: FormattedText) -> FormattedText:
    """Telegram cuts white space at both ends; entities move with the text."""
    start = utf16_length(formatted.text) - utf16_length(formatted.text.lstrip())
    text = formatted.text.strip()
    size = utf16_length(text)
    moved = []
    for entity in formatted.entities:
        begin = max(entity["offset"] - start, 0)
        end = min(entity["offset"] + entity["length"] - start, size)
        if end > begin:
            moved.append({**entity, "offset": begin, "length": end - begin})
    return FormattedText(text, tuple(moved))


@dataclass
class _HtmlReader:
    source: str
    position: int = 0
    offset: int = 0
    out: list[str] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def read(self) -> FormattedText:
        while self.position < len(self.source):
            character = self.source[self.position]
            if character == "<":
                self._read_tag()
            elif character == "&" and (reference := _REFERENCE.match(self.source, self.position)):
                self._write(html.unescape(reference.group()))
                self.position = reference.end()
            else:
                self._write(character)
                self.position += 1
        if self.stack:
            raise _refused(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        return FormattedText("".join(self.out), tuple(sorted(self.entities, key=_order)))

    def _write(self, text: str) -> None:
        self.out.append(text)
        self.offset += utf16_length(text)

    def _read_tag(self) -> None:
        if self.source.startswith("</", self.position):
            self._read_end_tag()
        else:
            self._read_start_tag()

    def _read_start_tag(self) -> None:
        where = self._byte_offset()
        name = re.compile(r"[^\s>]*").match(self.source, self.position + 1)
        tag = name.group().lower() if name else ""
        self.position += 1 + len(tag)
        if self.position >= len(self.source):
            raise _refused(f"Unclosed start tag at byte offset {where}")
        if tag not in _STYLES:
            raise _refused(f'Unsupported start tag "{tag}" at byte offset {where}')
        attributes = self._read_attributes(where)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _refused(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self.stack.append(_Open(tag, self.offset, len(self.out), attributes))

    def _read_attributes(self, where: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            while self.position < len(self.source) and self.source[self.position].isspace():
                self.position += 1
            if self.source.startswith(">", self.position):
                self.position += 1
                return attributes
            found = _ATTRIBUTE.match(self.source, self.position)
            if found is None or found.end() >= len(self.source):
                raise _refused(f"Unclosed start tag at byte offset {where}")
            value = next((group for group in found.groups()[1:] if group is not None), "")
            attributes[found.group(1).lower()] = html.unescape(value)
            self.position = found.end()

    def _read_end_tag(self) -> None:
        where = self._byte_offset()
        if not self.stack:
            raise _refused(f"Unexpected end tag at byte offset {where}")
        end = self.source.find(">", self.position)
        if end < 0:
            raise _refused(f"Unclosed end tag at byte offset {where}")
        tag = self.source[self.position + 2 : end].strip().lower()
        opened = self.stack.pop()
        if tag and tag != opened.tag:
            raise _refused(
                f'Unmatched end tag at byte offset {where}, expected "</{opened.tag}>", found "</{tag}>"',
            )
        self.position = end + 1
        self._close(opened)

    def _close(self, opened: _Open) -> None:
        length = self.offset - opened.offset
        entity: Entity = {"type": _STYLES[opened.tag], "offset": opened.offset, "length": length}
        if opened.tag == "a":
            entity |= self._link(opened)
        elif opened.tag == "tg-emoji":
            entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
        elif opened.tag == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "code" and self.stack and self.stack[-1].tag == "pre":
            language = opened.attributes.get("class", "").removeprefix("language-")
            self.stack[-1].attributes["language"] = language
            return
        elif opened.tag == "pre" and opened.attributes.get("language"):
            entity["language"] = opened.attributes["language"]
        if length and entity["type"]:
            self.entities.append(entity)

    def _link(self, opened: _Open) -> Entity:
        url = opened.attributes.get("href") or "".join(self.out[opened.written :])
        person = re.fullmatch(r"tg://user\?id=(\d+)", url)
        if person:
            return {"type": "text_mention", "user": {"id": int(person[1]), "is_bot": False, "first_name": "?"}}
        if "://" not in url and "." not in url:
            return {"type": ""}  # Telegram keeps the words and drops a link it cannot read
        return {"url": url if "://" in url else f"http://{url}/"}

    def _byte_offset(self) -> int:
        return len(self.source[: self.position].encode())


def _refused(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")

"""Photos, documents, voice, places: https://core.telegram.org/bots/api#sending-files."""

from tests.emulator.errors import NotEmulatedError, bad_request
from tests.emulator.files import DOWNLOAD_LIMIT, StoredFile
from tests.emulator.methods.registry import method
from tests.emulator.methods.sending import as_content, deliver, destination, read_text, source_html
from tests.emulator.model import Json
from tests.emulator.parameters import Params
from tests.emulator.world import World


def _send_kind(world: World, params: Params, kind: str) -> Json:
    to = destination(world, params)
    stored = _file(world, params, kind, params.text(kind))
    content = stored.content_json() | as_content(read_text(params, "caption"), "caption")
    return deliver(world, to, kind, content, html=source_html(params, "caption")).json()


def _file(world: World, params: Params, kind: str, reference: str) -> StoredFile:
    """An upload in the field of that name or behind attach://, or the id of a file Telegram has."""
    upload = params.files.get(reference.removeprefix("attach://") or kind)
    if upload is not None:
        return world.files.add(kind, upload.content, upload.name, upload.mime)
    if not reference:
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith(("http://", "https://")):
        raise NotEmulatedError("files by URL")
    stored = world.files.find(reference)
    if stored.kind != kind:
        raise bad_request(f"can't use file of type {stored.kind.title()} as {kind.title()}")
    return stored


@method
def send_photo(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#sendphoto."""
    return _send_kind(world, params, "photo")


@method
def send_document(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#senddocument."""
    return _send_kind(world, params, "document")


@method
def send_voice(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#sendvoice."""
    return _send_kind(world, params, "voice")


@method
def send_video(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#sendvideo."""
    return _send_kind(world, params, "video")


@method
def send_audio(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#sendaudio."""
    return _send_kind(world, params, "audio")


@method
def send_animation(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#sendanimation."""
    return _send_kind(world, params, "animation")


@method
def send_sticker(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#sendsticker."""
    return _send_kind(world, params, "sticker")


@method
def send_video_note(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#sendvideonote."""
    return _send_kind(world, params, "video_note")


@method
def send_location(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#sendlocation."""
    to = destination(world, params)
    place = {"latitude": params.number("latitude"), "longitude": params.number("longitude")}
    if abs(place["latitude"]) > 90 or abs(place["longitude"]) > 180:
        raise bad_request("wrong location specified")
    return deliver(world, to, "location", {"location": place}).json()


@method
def send_contact(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#sendcontact."""
    to = destination(world, params)
    contact = {"phone_number": params.text("phone_number"), "first_name": params.text("first_name")}
    if not all(contact.values()):
        raise bad_request("contact is incomplete")
    return deliver(world, to, "contact", {"contact": contact}).json()


@method
def send_media_group(world: World, params: Params) -> list[Json]:
    """https://core.telegram.org/bots/api#sendmediagroup: 2-10 items, one message each, one media_group_id."""
    to = destination(world, params)
    items = params.tree("media")
    if not isinstance(items, list) or not 2 <= len(items) <= 10:
        raise bad_request("group send failed: 2-10 media expected")
    group_id = str(world.tick())
    drafts = []
    for item in items:
        stored = _file(world, params, item["type"], item["media"])
        caption = as_content(read_text(Params(item), "caption"), "caption")
        drafts.append((item["type"], stored.content_json() | caption | {"media_group_id": group_id}))
    return [deliver(world, to, kind, content).json() for kind, content in drafts]


@method
def get_file(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#getfile."""
    stored = world.files.files.get(params.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.content) > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return stored.head() | {"file_path": stored.path}

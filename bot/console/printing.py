"""A page of the console as a PDF, by the same template and style that the browser prints."""

from importlib.resources import as_file, files
from importlib.util import find_spec

from bot.console.errors import RefusedError


def can_print() -> bool:
    """Whether a PDF may be offered: WeasyPrint is an extra. Whether its Pango is there too, only `pdf_of` tells."""
    return find_spec("weasyprint") is not None


def pdf_of(page: str) -> bytes:
    """A tagged PDF (PDF/UA-1), which a screen reader can read. Takes a second or so: call it in a thread.

    Args:
        page: its HTML. It reaches neither the network nor a file: only our style sheet is applied.

    Raises:
        RefusedError: WeasyPrint, or the Pango library that it draws text with, is not on this machine.
    """
    try:
        from weasyprint import CSS, HTML  # noqa: PLC0415 - an extra, and a second to import
        from weasyprint.urls import URLFetcher  # noqa: PLC0415
    except (ImportError, OSError) as error:  # OSError: Pango is missing
        raise RefusedError(501, "no_printer") from error
    nothing = URLFetcher(allowed_protocols=())
    with as_file(files(__package__ or "bot.console") / "static" / "console.css") as style:
        document: bytes = HTML(string=page, base_url="console:/", url_fetcher=nothing).write_pdf(
            stylesheets=[CSS(filename=style)], pdf_variant="pdf/ua-1"
        )
    return document

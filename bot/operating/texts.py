"""What the operator reads: French sentences, in `texts.yaml`."""

from collections.abc import Mapping

from bot.packaged import packaged_yaml

TEXTS: Mapping[str, str] = packaged_yaml(__package__, "texts.yaml")


class OperatingError(Exception):
    """It cannot be done; the text, in French, says why and what to do."""


def text(key: str, **values: object) -> str:
    """The sentence `key`, its placeholders filled.

    Raises:
        KeyError: no such sentence, or a placeholder without value.
    """
    return TEXTS[key].format_map(values).strip()

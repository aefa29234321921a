"""The YAML files that come with the code: texts and words, read once when their module is imported."""

from importlib import resources
from typing import Any

import yaml

SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one of libyaml, where there is one: it reads the same ten times as fast, which is 0.4 s of each start."""


def packaged_yaml(package: str, file: str) -> Any:  # noqa: ANN401 - the caller says what it holds
    """What `file` of `package` (the caller's `__package__`) holds."""
    return yaml.load((resources.files(package) / file).read_text(encoding="utf-8"), SafeLoader)  # noqa: S506 - it is safe

"""The YAML files that come with the code: texts and words, read once when their module is imported."""

from importlib import resources
from typing import Any

import yaml

# The one of libyaml reads the same ten times as fast: it is 0.4 s of each start.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def packaged_yaml(package: str, file: str) -> Any:  # noqa: ANN401 - the caller says what it holds
    """What `file` of `package` (the caller's `__package__`) holds."""
    return yaml.load((resources.files(package) / file).read_text(encoding="utf-8"), _Loader)  # noqa: S506 - it is safe

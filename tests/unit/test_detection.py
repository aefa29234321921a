"""The language model, loaded once whoever asks first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from py3langid.langid import LanguageIdentifier

from bot.language import detection
from bot.language.detection import detect


def test_threads_that_ask_at_once_load_the_model_once(monkeypatch: pytest.MonkeyPatch):
    loads: list[str] = []
    load = LanguageIdentifier.from_model_file

    def counted(path: str, **options: bool) -> LanguageIdentifier:
        loads.append(path)
        return load(path, **options)

    monkeypatch.setattr(LanguageIdentifier, "from_model_file", counted)
    detection._identifier.cache_clear()
    together = Barrier(8)

    def ask(_number: int) -> str:
        together.wait()
        return detect("Mit welchen Ländern arbeiten Sie zusammen?", fallback="fr")

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {"de"}
    assert len(loads) == 1

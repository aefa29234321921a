"""A running bot takes up what agents save, never what is broken, and says so once."""

import asyncio
import os
from pathlib import Path

import pytest

from bot.dialogue.policy import Dialogue
from bot.knowledge.loader import load
from bot.knowledge.model import KnowledgeBase
from bot.live import LiveDialogue, Refused, Served, folder_state, pause_between_looks, watch
from tests.unit.dialogue_fakes import FakeMatcher

SOURCES = 'sources:\n  - {id: site, title: "Le site", url: "https://example.org", checked: 2026-11-24}\n'
VALID = "  - {{id: {name}, title: {{fr: A}}, utterances: {{fr: [{name}]}}, answer: {{fr: A}}, sources: [site]}}\n"


def entries(*names: str, broken: str = "") -> str:
    return "entries:\n" + "".join(VALID.format(name=name) for name in names) + broken


NO_ANSWER = "  - {id: broken, title: {fr: A}, utterances: {fr: [panne]}, sources: [site]}\n"
NO_TITLE = "  - {id: nameless, answer: {fr: A}, utterances: {fr: [c]}, sources: [site]}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "entries").mkdir()
    (tmp_path / "sources.yaml").write_text(SOURCES)
    save(tmp_path, entries("a"))
    return tmp_path


def save(folder: Path, text: str, name: str = "all.yaml") -> None:
    (folder / "entries" / name).write_text(text)


def move_away(folder: Path):
    """The way back is returned."""
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    return lambda: elsewhere.rename(folder)


def build(knowledge: KnowledgeBase) -> Dialogue:
    return Dialogue(knowledge, FakeMatcher())


def serve(folder: Path, build=build, load_folder=None) -> LiveDialogue:
    return LiveDialogue(
        build_now(folder), load_folder or (lambda: load(folder, None)), build, lambda: folder_state(folder)
    )


def build_now(folder: Path) -> Dialogue:
    return build(load(folder, None))


def served(live: LiveDialogue) -> list[str]:
    return list(live.dialogue.knowledge.entries)


async def settle(live: LiveDialogue):
    """Two looks: the second finds the folder as the first did."""
    first = await live.look()
    return first or await live.look()


class TestLooking:
    async def test_a_saved_file_comes_into_service(self, folder: Path):
        live = serve(folder)
        save(folder, entries("a", "b"))
        assert await settle(live) == Served(entries=2, mended=False)
        assert served(live) == ["a", "b"]

    async def test_an_unchanged_folder_is_not_built_again(self, folder: Path):
        live = serve(folder)
        built = live.dialogue
        for _ in range(4):
            assert await live.look() is None
        assert live.dialogue is built

    async def test_what_was_saved_while_the_first_version_was_built_is_noticed(self, folder: Path):
        dialogue = build_now(folder)
        save(folder, entries("a", "b"))
        live = LiveDialogue(dialogue, lambda: load(folder, None), build, lambda: folder_state(folder))
        assert await settle(live) == Served(entries=2, mended=False)

    async def test_a_file_that_still_changes_is_left_alone(self, folder: Path):
        live = serve(folder)
        for half in ("entr", "entries:\n  - {", entries("a", "b", broken=NO_ANSWER)):
            save(folder, half)
            assert await live.look() is None
        save(folder, entries("a", "b"))
        assert await settle(live) == Served(entries=2, mended=False)

    async def test_what_changes_while_it_is_read_is_read_again(self, folder: Path):
        overtakes = [lambda: save(folder, entries("a", "b"))]

        def load_and_be_overtaken() -> KnowledgeBase:
            try:
                return load(folder, None)
            finally:
                while overtakes:
                    overtakes.pop()()

        live = serve(folder, load_folder=load_and_be_overtaken)
        save(folder, entries("a", broken=NO_ANSWER))
        assert await settle(live) is None
        assert await settle(live) == Served(entries=2, mended=False)

    async def test_the_old_version_answers_until_the_new_one_is_whole(self, folder: Path):
        during: list[list[str]] = []

        def slow_build(knowledge: KnowledgeBase) -> Dialogue:
            during.append(served(live))
            return build(knowledge)

        live = serve(folder, slow_build)
        save(folder, entries("b"))
        await settle(live)
        assert (during, served(live)) == ([["a"]], ["b"])

    async def test_saving_the_same_contents_builds_nothing(self, folder: Path):
        live = serve(folder)
        await settle(live)
        os.utime(folder / "entries" / "all.yaml", (1, 1))
        assert await settle(live) is None

    async def test_an_entry_that_has_expired_does_not_stop_the_new_version(self, folder: Path):
        live = serve(folder)
        expired = "valid: {until: 2020-01-01}, sources: [site]"
        save(folder, entries("a", "b").replace("sources: [site]", expired, 1))
        assert await settle(live) == Served(entries=2, mended=False)


class TestBrokenFolders:
    async def test_the_last_good_version_stays_and_the_problem_is_told_with_its_place(self, folder: Path):
        live = serve(folder)
        save(folder, entries("a", broken=NO_ANSWER))
        refused = await settle(live)
        assert isinstance(refused, Refused)
        (problem,) = refused.problems
        assert str(problem).startswith(f"{folder}/entries/all.yaml:3: broken.answer: ")
        assert problem.remedy
        assert served(live) == ["a"]

    async def test_a_folder_that_has_gone_is_a_problem_too(self, folder: Path):
        live = serve(folder)
        back = move_away(folder)
        assert isinstance(await settle(live), Refused)
        back()
        assert await settle(live) == Served(entries=1, mended=True)

    async def test_a_problem_is_told_once_however_often_it_is_saved(self, folder: Path):
        live = serve(folder)
        save(folder, entries("a", broken=NO_ANSWER))
        assert isinstance(await settle(live), Refused)
        save(folder, "# une ligne de plus\n" + entries("a", "b", broken=NO_ANSWER))
        assert await settle(live) is None

    async def test_only_the_new_problem_is_told(self, folder: Path):
        live = serve(folder)
        save(folder, entries("a", broken=NO_ANSWER))
        await settle(live)
        save(folder, entries("a", broken=NO_ANSWER + NO_TITLE))
        refused = await settle(live)
        assert isinstance(refused, Refused)
        assert [problem.field for problem in refused.problems] == ["nameless.title"]

    async def test_a_problem_that_comes_back_is_told_again(self, folder: Path):
        live = serve(folder)
        for broken in (NO_ANSWER + NO_TITLE, NO_TITLE):
            save(folder, entries("a", broken=broken))
            await settle(live)
        save(folder, entries("a", broken=NO_ANSWER + NO_TITLE))
        refused = await settle(live)
        assert isinstance(refused, Refused)
        assert [problem.field for problem in refused.problems] == ["broken.answer"]

    async def test_mending_is_told_once(self, folder: Path):
        live = serve(folder)
        save(folder, entries("a", broken=NO_ANSWER))
        await settle(live)
        save(folder, entries("a", "b"))
        assert await settle(live) == Served(entries=2, mended=True)
        save(folder, entries("a", "b", "c"))
        assert await settle(live) == Served(entries=3, mended=False)

    async def test_going_back_to_the_version_in_service_mends_without_a_new_matcher(self, folder: Path):
        live = serve(folder)
        in_service = live.dialogue
        save(folder, entries("a", broken=NO_ANSWER))
        await settle(live)
        save(folder, entries("a"))
        assert await settle(live) == Served(entries=1, mended=True)
        assert live.dialogue is in_service


class TestFolderState:
    @pytest.mark.parametrize(
        "change",
        [
            lambda folder: save(folder, entries("b")),  # as long as before
            lambda folder: save(folder, entries("b"), "more.yml"),
            lambda folder: (folder / "sources.yaml").unlink(),
            lambda folder: (folder / "entries").rename(folder / "fiches"),
            lambda folder: (folder / "messages").mkdir(),
            lambda folder: (folder / "entries" / "link.yaml").symlink_to("nowhere"),
        ],
        ids=["same size", "new file", "removed", "renamed", "new folder", "broken link"],
    )
    def test_every_change_of_the_knowledge_shows(self, folder: Path, change):
        os.utime(folder / "entries" / "all.yaml", (1, 1))
        before = folder_state(folder)
        change(folder)
        assert folder_state(folder) != before

    def test_what_an_editor_writes_beside_the_files_does_not_show(self, folder: Path):
        before = folder_state(folder)
        (folder / "entries" / ".all.yaml.swp").write_text("x")
        (folder / "entries" / "all.yaml~").write_text("x")
        assert folder_state(folder) == before


class Watching:
    """`watch` over a folder: before each look the next deed happens; afterwards it stops."""

    def __init__(self, live: LiveDialogue, *deeds, telling_fails: int = 0) -> None:
        self.live, self.deeds, self.told, self.telling_fails = live, list(deeds), [], telling_fails

    async def run(self) -> list[str]:
        await watch(self.live, self.tell, asyncio.Event(), self.pause)
        return self.told

    async def tell(self, sentence: str) -> None:
        if self.telling_fails:
            self.telling_fails -= 1
            raise OSError
        self.told.append(sentence)

    async def pause(self, stop: asyncio.Event) -> None:
        if not self.deeds:
            stop.set()
        elif deed := self.deeds.pop(0):
            deed()


class TestWatching:
    async def test_stopping_does_not_wait_for_the_end_of_a_pause(self):
        stop = asyncio.Event()
        stop.set()
        await pause_between_looks(stop)

    async def test_staff_read_the_refusal_and_the_mending_once_each(self, folder: Path):
        told = await Watching(
            serve(folder),
            *(lambda: save(folder, entries("a", broken=NO_ANSWER)), None, None, None),
            *(lambda: save(folder, entries("a", "b")), None, None, None),
        ).run()
        refusal, mending = told
        assert "all.yaml:3: broken.answer: " in refusal
        assert "version d'avant" in refusal
        assert mending == "✅ Les fiches sont réparées et en service (2 fiches)."

    async def test_a_long_list_is_cut_and_says_where_the_rest_is(self, folder: Path):
        broken = "".join(
            NO_ANSWER.replace("broken", f"b{number}").replace("panne", f"panne {number}") for number in range(9)
        )
        (told,) = await Watching(serve(folder), lambda: save(folder, entries(broken=broken)), None, None).run()
        assert told.count("\n• ") == 5
        assert "et 4 autres" in told
        assert "check" in told

    async def test_what_could_not_be_told_is_told_later_in_order(self, folder: Path):
        told = await Watching(
            serve(folder),
            *(lambda: save(folder, entries("a", "b")), None, None),
            *(lambda: save(folder, entries("a", "b", "c")), None, None, None),
            telling_fails=3,
        ).run()
        assert [sentence[-11:] for sentence in told] == ["(2 fiches).", "(3 fiches)."]

    async def test_an_error_of_the_program_is_told_once_and_the_watch_goes_on(
        self, folder: Path, caplog: pytest.LogCaptureFixture
    ):
        def build_two_at_most(knowledge: KnowledgeBase) -> Dialogue:
            if len(knowledge.entries) > 2:
                raise MemoryError
            return build(knowledge)

        live = serve(folder, build_two_at_most)
        told = await Watching(
            live,
            *(lambda: save(folder, entries("a", "b", "c")), None, None, None),
            *(lambda: save(folder, entries("a", "b")), None, None),
        ).run()
        assert [sentence[:1] for sentence in told] == ["⚠", "📚"]
        assert served(live) == ["a", "b"]
        assert "MemoryError" in caplog.text

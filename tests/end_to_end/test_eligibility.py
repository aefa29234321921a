"""An eligibility interview on Telegram: buttons, a written number, a changed answer, the card of the staff."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import KNOWLEDGE, PLAIN_GROUP, BotProcess, running_bot

INTERVIEW = """\
interviews:
  - id: fund
    title: {fr: "Le fonds", de: "Der Fonds"}
    intro: {fr: "Deux questions.", de: "Zwei Fragen."}
    questions:
      - {id: seat, kind: yes_no, label: {fr: "Siège", de: "Sitz"}, ask: {fr: "Siège ici ?", de: "Sitz hier?"}}
      - {id: years, kind: number, label: {fr: "Âge", de: "Alter"}, ask: {fr: "Quel âge ?", de: "Wie alt?"}}
    rules:
      - id: years
        clause: {fr: "« Deux ans au moins. »", de: "„Mindestens zwei Jahre.“"}
        source: guide
        requires: {question: years, at_least: 2}
        otherwise: not_eligible
"""


@pytest.fixture
async def bot(settings: dict[str, str], plain_group: StaffGroup, tmp_path: Path) -> AsyncIterator[BotProcess]:
    """The bot over a folder whose entry on grants proposes an interview."""
    folder = tmp_path / "knowledge"
    shutil.copytree(KNOWLEDGE, folder)
    (folder / "eligibility.yaml").write_text(INTERVIEW, encoding="utf-8")
    entries = folder / "entries/all.yaml"
    text = entries.read_text(encoding="utf-8")
    entries.write_text(
        text.replace("follow_ups: [office]", "follow_ups: [office]\n    interview: fund"), encoding="utf-8"
    )
    own = {"PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP), "PASSERELLE_KNOWLEDGE_DIR": str(folder)}
    async with running_bot(settings | own, tmp_path / "log") as process:
        yield process


async def test_from_the_button_to_the_card_in_french(bot: BotProcess, plain_group: StaffGroup, awa: Citizen):
    await awa.says("Comment demander une aide ?")
    answer = await awa.waits_for("Écrivez au service")
    assert answer.buttons[0] == "Vérifier si mon projet peut être aidé"
    await awa.presses(answer.buttons[0])
    await awa.waits_for("Siège ici ?")
    await awa.presses("Je ne sais pas")
    await awa.waits_for("Quel âge ?")
    await awa.says("1 an")
    assert "Non rempli : « Deux ans au moins. »" in (await awa.waits_for("ne peut pas être aidé")).text
    await awa.presses("Changer une réponse")
    await awa.waits_for("Quelle réponse")
    await awa.presses("Âge")
    await awa.waits_for("Votre réponse jusqu'ici : 1")
    await awa.says("3")
    assert "Source : Guide des aides" in (await awa.waits_for("c'est le service qui décide")).text
    await awa.presses("Transmettre mes réponses au service")
    await awa.waits_for("Je transmets vos réponses")
    card = await plain_group.waits_for("Ses réponses :")
    assert "• Siège : Je ne sais pas\n• Âge : 3" in card.text


async def test_in_german_staff_read_the_answers_in_french(bot: BotProcess, api: BotApi, plain_group: StaffGroup):
    ute = api.private_chat(43, "Ute", language_code="de")
    await ute.says("Wie beantrage ich eine Förderung?")
    await ute.waits_for("gelesen am 24.11.2026")
    await ute.presses("Prüfen, ob mein Projekt gefördert wird")
    await ute.waits_for("Sitz hier?")
    await ute.presses("Ja")
    await ute.waits_for("Wie alt?")
    await ute.says("5")
    await ute.waits_for("Ihre Antworten vom")
    await ute.presses("Meine Antworten an die Behörde senden")
    await ute.waits_for("Ich leite Ihre Antworten")
    assert "• Siège : Oui\n• Âge : 5" in (await plain_group.waits_for("Ses réponses :")).text

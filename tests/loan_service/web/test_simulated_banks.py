import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bank_adapters import CODECS, Batch, PrescreenList
from bank_adapters.simulator import FaultProfile
from loan_service.errors import SettingsError
from loan_service.settings import Deployment, Settings
from loan_service.simulated_banks import create_simulator

ISLAND = CODECS["island_rural"]
OFFER = PrescreenList(
    offer_id="O-1",
    household_ref="H000001",
    limit_fen=8_000_000,
    rate_bp=455,
    all_in_annual_cost_bp=465,
    expires_on=date(2026, 9, 13),
)
PLAN = {
    "household_ref": "H000001",
    "applies_on": "2026-06-17",
    "wants_purpose": "fishing",
    "wants_limit_share": 0.5,
    "accepts": True,
    "signs": True,
    "draws": [],
    "repays": [],
    "arrears": [],
}


@pytest.fixture
def alone(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data", files_dir=tmp_path / "files")
    channel = settings.files / "channel" / "island_rural"
    channel.mkdir(parents=True)
    (channel / "intentions.jsonl").write_text(json.dumps(PLAN) + "\n")
    return settings


@pytest.fixture
def core(alone: Settings, serving: Any) -> Iterator[Any]:
    with serving(create_simulator(alone)) as client:
        yield client


def send(core: Any) -> Any:
    return core.post(
        f"/island_rural{ISLAND.send_path}", content=ISLAND.encode_batch(Batch(bank_code="island_rural", items=(OFFER,)))
    )


def events(core: Any) -> list[str]:
    answer = core.get(f"/island_rural{ISLAND.poll_path}", params=ISLAND.encode_poll(0, 100))
    return [event.kind for event in ISLAND.decode_events(answer.content)]


def test_a_batch_is_taken_once_and_households_act_when_days_pass(core: Any) -> None:
    assert [result.status for result in ISLAND.decode_results(send(core).content)] == ["accepted"]
    assert [result.status for result in ISLAND.decode_results(send(core).content)] == ["duplicate"]
    assert events(core) == []
    moved = core.post("/advance", json={"to": "2026-06-20"})
    assert moved.json() == {
        "business_date": "2026-06-20",
        "events": {"island_rural": 1, "harbour_city": 0, "coast_village": 0},
    }
    assert events(core) == ["channel_application"]


def test_advancing_to_the_same_day_again_changes_nothing_and_never_goes_back(core: Any) -> None:
    send(core)
    core.post("/advance", json={"to": "2026-06-20"})
    assert sum(core.post("/advance", json={"to": "2026-06-20"}).json()["events"].values()) == 0
    assert core.post("/advance", json={"to": "2026-06-19"}).status_code == 400
    assert core.get("/health").json() == dict.fromkeys(CODECS, "2026-06-20")


def test_a_restarted_bank_is_the_bank_it_was(core: Any, alone: Settings, serving: Any) -> None:
    send(core)
    core.post("/advance", json={"to": "2026-06-20"})
    before = core.app.state.banks["island_rural"].state
    with serving(create_simulator(alone, ["island_rural"])) as again:
        assert again.app.state.banks["island_rural"].state == before
        assert events(again) == ["channel_application"]
        assert [result.status for result in ISLAND.decode_results(send(again).content)] == ["duplicate"]


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff"])
def test_bytes_of_another_dialect_are_a_violation(core: Any, body: bytes) -> None:
    answer = core.post(f"/island_rural{ISLAND.send_path}", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "ProtocolViolation"


def test_a_lost_answer_is_a_503_after_which_the_batch_counts_as_sent(alone: Settings, serving: Any) -> None:
    losing = {"island_rural": FaultProfile(lost_answers_milli=900)}
    with serving(create_simulator(alone, ["island_rural"], losing)) as core:
        answers = [send(core) for _ in range(12)]
    assert 503 in {answer.status_code for answer in answers}
    told = [ISLAND.decode_results(answer.content)[0].status for answer in answers if answer.status_code == 200]
    assert set(told[1:]) <= {"duplicate"}


def test_simulated_banks_exist_in_a_demo_only(alone: Settings) -> None:
    real = alone.model_copy(update={"deployment": Deployment.BANK})
    with pytest.raises(SettingsError, match=r"simulator\.not_demo"):
        create_simulator(real)

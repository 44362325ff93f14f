from datetime import date

import pytest
from pydantic import ValidationError

from models.feature_spec import declared_features
from models.monitoring import TOPICS, Figure, levels_on
from models.monitoring.alerts import Turn, turns
from models.monitoring.levels import Severity
from models.monitoring.words import KINDS, STEPS, turn_sentence
from models.terms_errors import PolicyNotInForceError


def figure(severity: Severity, subject: str = "annual_income_fen") -> Figure:
    return Figure("stability", subject, "training 2024-06", 0.3, 0.1, severity, 500, 600)


@pytest.mark.parametrize(
    ("before", "now", "turn"),
    [("", "medium", "opened"), ("medium", "high", "worse"), ("high", "medium", "better"), ("high", "", "closed")],
)
def test_an_alert_turns_with_its_figure(before: Severity, now: Severity, turn: str) -> None:
    told = turns({"stability/annual_income_fen": before} if before else {}, [figure(now)])
    assert [(one.turn, one.severity) for one in told] == [(turn, now)]


@pytest.mark.parametrize("severity", ["", "medium", "high"])
def test_the_same_measurement_again_turns_nothing(severity: Severity) -> None:
    standing = {"stability/annual_income_fen": severity} if severity else {}
    assert turns(standing, [figure(severity)]) == ()


def test_an_alert_whose_figure_is_gone_is_closed() -> None:
    assert turns({"jump/x": "high"}, [figure("")]) == (Turn("closed", "jump/x", "", None),)


def test_every_kind_has_a_name_and_a_next_step() -> None:
    kinds = {kind for topic in TOPICS.values() for kind in topic}
    assert kinds == set(STEPS) == set(KINDS)


def test_a_sentence_names_the_feature_in_both_languages_and_what_it_was_compared_with() -> None:
    told = turn_sentence(Turn("opened", "k", "high", figure("high")), declared_features("baseline"))
    assert "家庭年收入" in told.zh
    assert "训练样本 2024-06" in told.zh
    assert "household income" in told.en


def test_a_sector_is_named_beside_the_feature() -> None:
    told = turn_sentence(
        Turn("opened", "k", "high", figure("high", "fishery/annual_income_fen")), declared_features("baseline")
    )
    assert "渔业户·家庭年收入" in told.zh
    assert "household income of fishery households" in told.en


def test_a_day_before_the_levels_is_an_error_not_a_guess() -> None:
    with pytest.raises(PolicyNotInForceError):
        levels_on(date(2020, 1, 1))


def test_levels_without_an_origin_are_refused(tmp_path: object) -> None:
    from pathlib import Path

    from models.monitoring.levels import LEVELS_FILE

    broken = Path(str(tmp_path)) / "levels.yaml"
    broken.write_text(LEVELS_FILE.read_text().replace('"[P] 0.1', '"0.1'))
    with pytest.raises(ValidationError):
        levels_on(date(2026, 6, 15), broken)

from pathlib import Path

import pytest

from experiments.benchmarks.scoring.edition_rules import edition_rules
from experiments.benchmarks.scoring.rules import IndicatorRules, Rules, read_rules, write_rules
from experiments.benchmarks.scoring.setting import EDITION
from scoring import load_rulebook


@pytest.fixture(scope="module")
def rules() -> Rules:
    return edition_rules(load_rulebook(EDITION))


def test_rules_come_back_from_json_as_they_were(rules: Rules, tmp_path: Path) -> None:
    write_rules(rules, tmp_path / "rules.json")
    assert read_rules(tmp_path / "rules.json") == rules


def test_every_indicator_keeps_its_reducer_direction_and_dimension(rules: Rules) -> None:
    for (dimension, indicator), told in zip(load_rulebook(EDITION).indicators, rules.indicators, strict=True):
        assert told.reducer == indicator.combine.kind
        assert told.sign == (1 if indicator.direction == "award" else -1)
        assert told.cap_milli == indicator.cap_milli
        assert rules.dimension_bounds_milli[told.dimension] == (dimension.lowest_milli, dimension.highest_milli)


def test_prices_of_concave_bands_fall_so_that_the_worth_is_the_lowest_line(rules: Rules) -> None:
    for number in rules.numbers("concave"):
        prices = rules.indicators[number].prices_milli
        assert prices == sorted(prices, reverse=True)


def test_what_lower_bands_are_worth_adds_up() -> None:
    concave = IndicatorRules("concave", 0, 1, None, edges_milli=[0, 20_000, 80_000], prices_milli=[200, 100, 50])
    assert concave.paid_below() == [0, 4_000_000, 10_000_000]

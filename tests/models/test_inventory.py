"""The inventory names every method once, with people who differ, and code that exists."""

from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from models.inventory import INVENTORY_FILE, inventory


def altered(tmp_path: Path, **changes: object) -> Path:
    """The shipped inventory with its first method changed."""
    content = yaml.safe_load(INVENTORY_FILE.read_text(encoding="utf-8"))
    content["methods"][0] |= changes
    path = tmp_path / "inventory.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def test_every_kind_of_method_the_service_uses_is_listed() -> None:
    codes = {method.code for method in inventory().methods}
    assert codes >= {
        "civility_index", "grade", "limit_bonus", "base_limit", "base_rate", "rate_discount", "income_estimate",
        "expected_loss", "affordability", "expert_card", "default_risk_baseline", "default_risk_full", "recourse",
        "terms_interpreter", "reasons", "bank_recourse", "portfolio_caps", "policy_comparison", "policy_optimiser",
        "ecl_inputs",
    }  # fmt: skip


def test_every_method_stands_in_a_module_that_exists() -> None:
    for method in inventory().methods:
        assert find_spec(method.home), method.code


def test_a_review_is_overdue_the_day_after_its_day() -> None:
    method = inventory().methods[0]
    assert not method.is_overdue(method.next_review_on)
    assert method.is_overdue(method.next_review_on + timedelta(days=1))


@pytest.mark.parametrize(
    "changes",
    [
        {"validator": inventory().methods[0].owner},
        {"code": inventory().methods[1].code},
        {"legal": ["a law without its tag"]},
        {"legal": []},
        {"next_review_on": None},
        {"tier": 4},
        {"kind": "full"},
        {"surprise": 1},
    ],
)
def test_a_broken_inventory_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        inventory(altered(tmp_path, **changes))


def test_the_shipped_reviews_lie_ahead_of_the_demo_day() -> None:
    assert not [method.code for method in inventory().methods if method.is_overdue(date(2026, 6, 15))]

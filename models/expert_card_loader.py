"""Opens expert cards: the one place where they meet the disk."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
import yaml
from pydantic import ValidationError

from models.expert_card import ExpertCard, compile_expert_card, printed_parameters
from models.expert_card_checks import check_expert_card
from models.scorecard import Scorecard
from models.training_errors import BrokenExpertCardError

EXPERT_CARDS: Final = Path(__file__).parent / "expert_cards"
"""The folder of the shipped cards: `<bank_code>.yaml`, or `all_banks.yaml` for banks without one of their own."""

ALL_BANKS: Final = "all_banks"


@dataclass(frozen=True)
class BankExpertCard:
    """A checked, signed card at one bank.

    Attributes:
        bank_code: The bank.
        card: The card.
    """

    bank_code: str
    card: ExpertCard

    @cached_property
    def scorecard(self) -> Scorecard:
        """Its tables at the bank's central tendency."""
        return compile_expert_card(self.card, self.bank_code)

    @property
    def parameters(self) -> dict[str, str | int]:
        """Edition, signatures and content hash, flat, for the registry."""
        return printed_parameters(self.card)


def load_expert_card(bank_code: str, *, folder: Path = EXPERT_CARDS) -> BankExpertCard:
    """Open and check the card a bank lends by until it can train a model.

    Args:
        bank_code: The bank; its own file is taken before that for all banks.
        folder: Where the cards lie.

    Raises:
        BrokenExpertCardError: The card is damaged, incoherent, not signed, or knows no such bank.
        FileNotFoundError: There is no card.
    """
    own = folder / f"{bank_code}.yaml"
    path = own if own.exists() else folder / f"{ALL_BANKS}.yaml"
    content = _content(path)
    card = _shaped(path, content)
    check_expert_card(card, path.name, content_hash_of(content))
    if bank_code not in {one.bank_code for one in card.central_tendencies}:
        problem = (f"没有银行 {bank_code}", f"lacks bank {bank_code}")
        remedy = ("补充该行的长期平均违约率", "add the bank's central tendency")
        raise BrokenExpertCardError(path.name, "central_tendencies", problem, remedy)
    return BankExpertCard(bank_code, card)


def content_hash_of(content: dict[str, Any]) -> str:
    """SHA-256 (hex) of everything but the hash itself, names of the signers included, in canonical JSON."""
    signing = {name: value for name, value in content["signing"].items() if name != "content_hash"}
    return sha256(orjson.dumps(content | {"signing": signing}, option=orjson.OPT_SORT_KEYS)).hexdigest()


class _UniqueKeys(yaml.SafeLoader):
    """A YAML loader that does not let the later of two equal keys win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        """Read a mapping."""
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"key {twice!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _content(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _UniqueKeys)  # noqa: S506  # a safe loader
    except yaml.MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else 1
        raise _unreadable(path, f"line {line}", str(broken.problem)) from broken
    if not isinstance(content, dict) or not isinstance(content.get("signing"), dict):
        raise _unreadable(path, "signing", "is missing")
    return content


def _shaped(path: Path, content: dict[str, Any]) -> ExpertCard:
    try:
        return ExpertCard.model_validate_json(orjson.dumps(content))
    except ValidationError as invalid:
        fault = invalid.errors(include_url=False)[0]
        raise _unreadable(path, ".".join(map(str, fault["loc"])), fault["msg"]) from invalid


def _unreadable(path: Path, place: str, problem: str) -> BrokenExpertCardError:
    return BrokenExpertCardError(
        path.name, place, (f"无法读取（{problem}）", problem), ("改正文件", "correct the file")
    )

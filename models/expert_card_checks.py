"""What is wrong with an expert card, one small check each; the first fault is named with its place and the remedy."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from models.expert_card import WHOLE_PERMILLE, ExpertCard, FeaturePoints
from models.feature_spec import Declaration
from models.training_errors import BrokenExpertCardError

Fault: TypeAlias = tuple[str, tuple[str, str], tuple[str, str]]
"""Place, what is wrong, what to do; the latter two in Chinese and English."""


def check_expert_card(card: ExpertCard, name: str, content_hash: str) -> None:
    """Insist on a coherent and signed card.

    Args:
        card: The card as read.
        name: What to call it in an error.
        content_hash: Of its content, as found.

    Raises:
        BrokenExpertCardError: The first fault.
    """
    for check in (_bands, _banks, _features, _signing):
        for place, problem, remedy in check(card):
            raise BrokenExpertCardError(name, place, problem, remedy)
    if card.signing.content_hash != content_hash:
        problem = ("内容与签名不符", "the content is not what was signed")
        remedy = (
            f"撤销改动；若改动已经复核，由双方重新签名，content_hash 为 {content_hash}",
            f"undo the change; if it was reviewed, let both sign again with content_hash {content_hash}",
        )
        raise BrokenExpertCardError(name, "signing.content_hash", problem, remedy)


def _bands(card: ExpertCard) -> Iterator[Fault]:
    if not card.band_ends_ppm or not _ascend(card.band_ends_ppm):
        yield "band_ends_ppm", ("未递增", "do not ascend"), ("由低到高排列", "order them from low to high")


def _banks(card: ExpertCard) -> Iterator[Fault]:
    codes = [one.bank_code for one in card.central_tendencies]
    if len(set(codes)) < len(codes):
        yield "central_tendencies", ("银行重复", "name a bank twice"), ("每家银行一行", "keep one row per bank")


def _signing(card: ExpertCard) -> Iterator[Fault]:
    author, reviewer = card.signing.authored_by.strip(), card.signing.reviewed_by.strip()
    if not author or not reviewer or author == reviewer:
        problem = ("编制人与复核人须为两人", "author and reviewer must be two persons")
        yield "signing.reviewed_by", problem, ("由另一人复核", "have somebody else review it")


def _features(card: ExpertCard) -> Iterator[Fault]:
    declared = {one.name: one for one in card.spec.declarations}
    names = [one.name for one in card.features]
    for feature in card.features:
        place = f"features.{feature.name}"
        if feature.name not in declared or names.count(feature.name) > 1:
            problem = ("未声明或重复", "is not declared, or stands twice")
            yield place, problem, ("核对特征名称", "check its name against models/feature_spec.py")
            return
        for check in _FEATURE_CHECKS:
            for part, problem, remedy in check(feature, declared[feature.name]):
                yield f"{place}.{part}", problem, remedy


def _cells_are_declared(feature: FeaturePoints, declared: Declaration) -> Iterator[Fault]:
    if declared.levels and (feature.intervals or tuple(one.level for one in feature.levels) != declared.levels):
        problem = ("须依次列出全部类别", f"must list the levels {', '.join(declared.levels)}, in this order")
        yield "levels", problem, ("补齐或改正类别", "complete or correct them")
    if not declared.levels and (feature.levels or not feature.intervals):
        yield "intervals", ("数值特征须分段", "must cut the number"), ("列出各分段", "list its intervals")
    if {one.code for one in feature.special_codes} != set(declared.special_codes):
        problem = ("与声明的特殊值不符", f"must be {sorted(declared.special_codes)}")
        yield "special_codes", problem, ("逐一给分", "give each its points")


def _intervals_ascend(feature: FeaturePoints, _: Declaration) -> Iterator[Fault]:
    ends = [one.up_to for one in feature.intervals]
    known = [end for end in ends[:-1] if end is not None]
    if ends and (ends[-1] is not None or len(known) < len(ends) - 1 or not _ascend(known)):
        problem = ("须递增且最后一段不封口", "must ascend, and only the last one is open")
        yield "intervals", problem, ("由小到大排列，最后一段 up_to: null", "order them; the last has up_to: null")


def _shares_make_a_population(feature: FeaturePoints, _: Declaration) -> Iterator[Fault]:
    total = sum(one.expected_permille for one in feature.cells)
    if total != WHOLE_PERMILLE:
        problem = (f"合计 {total}‰", f"sum to {total} of a thousand")
        yield "expected_permille", problem, ("调整至合计 1000‰", "make them sum to 1000")


def _points_keep_the_direction(feature: FeaturePoints, declared: Declaration) -> Iterator[Fault]:
    points = [one.points for one in feature.intervals]
    if declared.direction and any((later - earlier) * declared.direction > 0 for earlier, later in pairwise(points)):
        problem = ("违反声明的单调方向", "break the declared direction")
        yield "intervals", problem, ("调整分值", "correct the points")


def _silence_does_not_pay(feature: FeaturePoints, _: Declaration) -> Iterator[Fault]:
    """Whoever withholds a value must not fare better than the average of those who show it."""
    known = [*feature.intervals, *feature.levels]
    people = sum(one.expected_permille for one in known)
    if feature.missing.points * people > sum(one.points * one.expected_permille for one in known):
        problem = ("缺失值分值高于已知者平均", "is better than the average known value")
        yield "missing", problem, ("降低缺失值分值", "give it fewer points")


_FEATURE_CHECKS: Final[tuple[Callable[[FeaturePoints, Declaration], Iterator[Fault]], ...]] = (
    _cells_are_declared,
    _intervals_ascend,
    _shares_make_a_population,
    _points_keep_the_direction,
    _silence_does_not_pay,
)


def _ascend(numbers: Sequence[float]) -> bool:
    return all(earlier < later for earlier, later in pairwise(numbers))

"""The candidate as a policy file: the hand-written text with other bonus terms, its comments kept."""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
import yaml

from experiments.optimise_policy.problem import BONUS_GRADES, Choice, Problem
from models.policy import Policy
from models.policy_loader import POLICIES, PolicyEdition, PolicyFile, checked_policy

LPR_FILE: Final = POLICIES / "lpr.yaml"
_HASH_DIGITS: Final = 12


def hash_of_run(*parts: Any) -> str:
    """A short name of everything a run depends on: equal parts, equal candidate."""
    content = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS, default=str)
    return sha256(content).hexdigest()[:_HASH_DIGITS]


def edition_name(policy: Policy, run: str) -> str:
    """The candidate's edition."""
    return f"{policy.edition}-optimised-{run[:8]}"


def candidate_text(
    source: str, problem: Problem, choice: Choice, *, replaces: str, edition: str, effective_from: date, run: str
) -> str:
    """Return the text of the candidate policy.

    Args:
        source: the hand-written policy.
        problem: bands and menus.
        choice: what was chosen.
        replaces: the edition it was written against.
        edition: its own edition.
        effective_from: first day it may price.
        run: the run's hash, for origins.
    """
    said = f"# Candidate of experiments/optimise_policy, run {run}: baseline terms are those of edition {replaces}\n"
    said += "# to the letter, bonus terms are new. It prices nothing until two persons have approved it.\n"
    texts = {
        "edition": f'edition: "{edition}"\n',
        "effective_from": f"effective_from: {effective_from}\n",
        "replaces": f'replaces: "{replaces}"\n',
        "grade_bonuses": "\n".join(_bonus_lines(problem, choice, effective_from, run)) + "\n",
    }
    return said + _replaced(source, texts)


def checked_candidate(text: str, bank_code: str, pricing_day: date) -> PolicyEdition:
    """Read the candidate as the service would.

    Raises:
        models.terms_errors.BrokenPolicyError: it has faults.
    """
    file = PolicyFile("candidate.yaml", text.encode())
    return checked_policy(file, PolicyFile.of(LPR_FILE), pricing_day, bank_code=bank_code)


def source_of(bank_code: str, folder: Path = POLICIES) -> str:
    """The hand-written policy's text."""
    return (folder / f"{bank_code}.yaml").read_text(encoding="utf-8")


def _bonus_lines(problem: Problem, choice: Choice, effective_from: date, run: str) -> Iterator[str]:
    brackets = choice.brackets()
    yield "# One row per grade and bracket: neighbouring bands in one bracket share their bonus terms."
    yield "grade_bonuses:"
    yield "  unit: table"
    yield f'  origin: "[P] proposed by experiments/optimise_policy, run {run}: the index may only add"'
    yield "  periods:"
    yield f"    - from: {effective_from}"
    yield "      until: null"
    yield "      value:"
    yield "        - {grade: none, limit_bonus_milli: 0, rate_discount_bp: 0}"
    for bracket in brackets:
        bands = f"bands: [{', '.join(problem.bands[band] for band in bracket)}], " if len(brackets) > 1 else ""
        for grade, name in enumerate(BONUS_GRADES):
            milli = problem.limit_bonus_milli[choice.bonus[bracket[0], grade]]
            off_bp = problem.rate_discount_bp[choice.discount[bracket[0], grade]]
            yield f"        - {{grade: {name}, {bands}limit_bonus_milli: {milli}, rate_discount_bp: {off_bp}}}"


def _replaced(source: str, texts: dict[str, str]) -> str:
    """Put other texts in the place of some top keys; comments and blank lines before the next key stay."""
    lines = source.splitlines(keepends=True)
    root: Any = yaml.compose(source, Loader=yaml.CSafeLoader)
    starts = {str(key.value): key.start_mark.line for key, _ in root.value}
    ends = dict(zip(starts, [*list(starts.values())[1:], len(lines)], strict=True))
    for name, text in sorted(texts.items(), key=lambda item: -starts[item[0]]):
        end = ends[name]
        while lines[end - 1].strip() == "" or lines[end - 1].startswith("#"):
            end -= 1
        lines[starts[name] : end] = [text]
    return "".join(lines)

"""zen-engine in its best form here: a decision of expressions, a document per household, evaluated in one batch.

Months and ledgers are arrays, tables by band, sector and grade stand as literals in the expressions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zen  # type: ignore[import-not-found]  # lives in the peers' environment

from experiments.benchmarks.speaking import Run
from experiments.benchmarks.terms.answers import (
    ASSUMPTIONS,
    BAND_REASONS,
    DATA_REASONS,
    GRADE_COSTS,
    GRADE_LIMITS,
    GRADE_RATES,
    LIMIT_LEDGER,
    LINE_REASONS,
    MODEL_MATTERS,
    MOST_REASONS,
    RATE_LEDGER,
    REASONS,
    TERMS,
    WITHOUT_REASONS,
)
from experiments.benchmarks.terms.contest import Task, contend
from experiments.benchmarks.terms.rules import Rules

REFER: Final = 1
DECLINE: Final = 2
PPM: Final = 1_000_000
FURTHEST: Final = 10**12
MONTHS: Final = "[0..11]"
SHARES: Final = [f"monthly_income_share_{month:02d}_ppm" for month in range(1, 13)]

Document = dict[str, Any]
Written = tuple[str, str]


def prepare(task: Task) -> tuple[Mapping[str, Run], pa.Table]:
    """The decision with and without reasons, a document for each of the first households, and the answers."""
    given = documents(task)
    rows: dict[str, Run] = {}
    for name, stages in {"reasons": True, "terms": False}.items():
        rows[name] = evaluation(decision(list(expressions(task.rules, reasons=stages))), given)
    return rows, answered(rows["reasons"](), task.rules)


def evaluation(content: Mapping[str, Any], given: Sequence[Document]) -> Run:
    """One batch over every document."""
    compiled = zen.ZenDecisionContent(json.dumps(content))
    engine = zen.ZenEngine({"loader": lambda _: compiled})
    requests = [{"key": "offer", "context": document} for document in given]
    return lambda: engine.evaluate_batch(requests)


def documents(task: Task) -> list[Document]:
    """The first households, months and contributions as arrays; who stands twice was counted over all of them."""
    table = pq.read_table(task.households)
    references = table["household_ref"].to_numpy()
    _, place, times = np.unique(references, return_inverse=True, return_counts=True)
    rules, found = task.rules, []
    for row, count in zip(table.slice(0, task.count).to_pylist(), times[place].tolist(), strict=False):
        row["alone"] = count == 1
        row["sector_at"] = rules.sectors.index(row["sector"] or "other")
        row["grade_at"] = rules.grades.index(row["grade"])
        born = row.pop("borrower_birth_on")
        row["born"] = [born.year, born.month, born.day]
        row["shares"] = [row.pop(name) for name in SHARES]
        row["contributions"] = [row.pop(f"contribution_{number:02d}") for number in range(rules.features)]
        found.append(row)
    return found


def decision(written: Sequence[Written]) -> dict[str, Any]:
    """Input, expressions, the answers alone, output."""
    told = [(key, key) for key in ANSWERS if key in dict(written)]
    nodes = [
        {"id": "given", "type": "inputNode", "name": "given"},
        expression_node("terms", written),
        expression_node("answer", told),
        {"id": "told", "type": "outputNode", "name": "told"},
    ]
    ids = [str(node["id"]) for node in nodes]
    edges = [{"id": f"to_{end}", "sourceId": start, "targetId": end} for start, end in pairwise(ids)]
    return {"nodes": nodes, "edges": edges}


def expression_node(name: str, written: Sequence[Written]) -> dict[str, Any]:
    """A node that evaluates expressions in order."""
    expressions = [{"id": key, "key": key, "value": value} for key, value in written]
    return {"id": name, "type": "expressionNode", "name": name, "content": {"expressions": expressions}}


def expressions(rules: Rules, *, reasons: bool) -> Iterator[Written]:
    """From a household to its offer, each expression with its name."""
    yield from priced(rules)
    yield from stretched(rules)
    yield from lined(rules)
    yield from decided(rules)
    yield from with_bonus(rules)
    if reasons:
        yield from reasoned(rules)


def floored(number: str, divisor: int | str) -> str:
    """Whole-number division, downwards."""
    return f"floor(({number}) / ({divisor}))"


def priced(rules: Rules) -> Iterator[Written]:
    """Band, price, stable income and debt."""
    n = rules.numbers
    yield "band", f"count({rules.from_ppm}, # <= probability_ppm) - 1"
    yield "spread", f"{rules.spread_bp}[$.band]"
    yield "cost", f"{n['fixed_cost_bp']} + ceil(probability_ppm * {n['loss_given_default_milli']} / 100000)"
    yield "cost_floor", f"max([$.cost - {n['lpr_bp']} - $.spread, 0])"
    yield "price", f"{n['lpr_bp']} + $.spread + $.cost_floor"
    yield "stable", f"income_stability_milli ?? {n['assumed_stability_milli']}"
    yield "counted", f"$.stable * 1000 + (1000 - $.stable) * {n['unstable_income_milli']}"
    yield "income", floored("(annual_income_fen ?? 0) * $.counted", PPM)
    yield "known_debt", "unsecured_debt_fen ?? 0"
    assumed = floored(f"max([$.income, 0]) * {n['assumed_debt_milli']}", 1000)
    yield "assumed_debt", f"unsecured_debt_fen == null ? {assumed} : 0"


def stretched(rules: Rules) -> Iterator[Written]:
    """The tightest stretch of months: the largest line it can repay, and its last month."""
    n = rules.numbers
    carry = n["carry_months"]
    yield "months_known", "shares[0] != null"
    yield "own_months", f"$.months_known ? abs(sum(shares) - {PPM}) <= {n['share_tolerance_ppm']} : false"
    yield "share", f"$.own_months ? shares : {rules.typical_share_ppm}[sector_at]"
    yield "stress", f"{rules.stress_milli}[sector_at]"
    people = f"(adults ?? 0) * {n['adult_fen']} + (minors ?? 0) * {n['minor_fen']}"
    service = floored(f"($.known_debt + $.assumed_debt) * {n['debt_service_milli']}", 1000)
    yield "fixed", f"{people} + {service}"
    stressed = floored("$.share[#] * $.stress[#]", 1000)
    yield "free", f"map({MONTHS}, {floored(f'$.income * {stressed}', PPM)} - $.fixed)"
    yield "twice", "flatMap([$.free, $.free], #)"
    yield "due", f"{rules.principal_due_ppm}[sector_at]"
    yield "interest", f"ceil($.price * 100 * {carry} / 12)"
    yield "saved", f"map({MONTHS}, sum($.twice[# + {13 - carry} : # + 12]))"
    usable = floored(f"max([min([$.saved[#], {FURTHEST}]), 0]) * {n['repayment_share_milli']}", 1000)
    yield "largest", f"map({MONTHS}, {floored(f'{usable} * {PPM}', 'max([$.due[#] + $.interest, 1])')})"
    yield "affordability_fen", "min($.largest)"
    yield "worst_month", f"filter({MONTHS}, $.largest[#] == $.affordability_fen)[0] + 1"


def lined(rules: Rules) -> Iterator[Written]:
    """The baseline limit and what the caps cut of it."""
    n, step = rules.numbers, rules.numbers["limit_step_fen"]
    yield "carried", floored(f"$.income * {rules.multiple_milli}[$.band]", 1000)
    yield "income_line", "$.carried - $.known_debt - $.assumed_debt"
    yield "cap_0", f"{rules.purpose_cap_fen}[sector_at]"
    known = f"{n['household_cap_fen']} - unsecured_debt_fen"
    yield "cap_1", f"unsecured_debt_fen == null ? {n['household_cap_unknown_debt_fen']} : {known}"
    yield "cap_2", "$.affordability_fen"
    yield "cap_3", str(n["hard_cap_fen"])
    before = "income_line"
    for cap in range(4):
        yield f"after_{cap}", f"min([$.{before}, $.cap_{cap}])"
        before = f"after_{cap}"
    whole = f"{floored('$.after_3', step)} * {step}"
    yield "line", f"$.after_3 >= {n['minimum_limit_fen']} ? {whole} : 0"


def rule_findings(rules: Rules) -> Iterator[Written]:
    """Outcome of each rule's failures and, where it is another, of its unknowns, in the policy's order."""
    for rule in rules.eligibility:
        column = "$.age" if rule["column"] == "borrower_age_years" else rule["column"]
        bounds = [f"{column} >= {rule['at_least']}"] * (rule["at_least"] is not None)
        bounds += [f"{column} <= {rule['at_most']}"] * (rule["at_most"] is not None)
        same = rule["unknown"] == rule["otherwise"]
        unknown = rule["otherwise"] if same else 0
        yield rule["code"], f"{column} == null ? {unknown} : ({' and '.join(bounds)} ? 0 : {rule['otherwise']})"
        if not same and rule["unknown"]:
            yield rule["code"], f"{column} == null ? {rule['unknown']} : 0"


def data_findings() -> Iterator[Written]:
    """What the bank's data cannot answer."""
    below = "(adults ?? 1) < 1 or (minors ?? 0) < 0 or (annual_income_fen ?? 0) < 0 or (unsecured_debt_fen ?? 0) < 0"
    unclear = ["not alone", "sector == null", "adults == null or minors == null", "annual_income_fen == null"]
    every = [*unclear, "$.months_known and not $.own_months", below]
    for code, met in zip(DATA_REASONS, every, strict=True):
        yield code, f"({met}) ? {REFER} : 0"


def band_findings(rules: Rules) -> Iterator[Written]:
    """A risk above appetite, or one that needs a person."""
    for code, outcome in zip(BAND_REASONS, (DECLINE, REFER), strict=True):
        yield code, f"{rules.band_outcome}[$.band] == {outcome} ? {outcome} : 0"


def line_findings(rules: Rules) -> Iterator[Written]:
    """Why the line of a sound household stays below the minimum."""
    small = "max($.first) == 0 and $.line == 0"
    yield LINE_REASONS[0], f"({small} and unsecured_debt_fen == null) ? {REFER} : 0"
    below = [f"$.{limit} < {rules.numbers['minimum_limit_fen']}" for limit in ("income_line", "cap_1", "cap_2")]
    for code, met in zip(LINE_REASONS[1:], [*below, f"not ({' or '.join(below)})"], strict=True):
        yield code, f"({small} and unsecured_debt_fen != null and {met}) ? {DECLINE} : 0"


def decided(rules: Rules) -> Iterator[Written]:
    """The severest outcome of all findings, in the order of the policy's codes."""
    later = f"born[1] > {rules.month} or (born[1] == {rules.month} and born[2] > {rules.day_of_month})"
    yield "age", f"{rules.year} - born[0] - (({later}) ? 1 : 0)"
    yield "first", f"[{', '.join(met for _, met in first_findings(rules))}]"
    yield "last", f"[{', '.join(met for _, met in line_findings(rules))}]"
    yield "decision", "max([max($.first), max($.last)])"
    yield "offered", "$.decision == 0 ? 1 : 0"


def first_findings(rules: Rules) -> list[Written]:
    """Those that stand before the line is looked at."""
    return [*rule_findings(rules), *data_findings(), *band_findings(rules)]


def finding_codes(rules: Rules) -> list[str]:
    """Codes of all findings, in their order."""
    return [code for code, _ in (*first_findings(rules), *line_findings(rules))]


def reasoned(rules: Rules) -> Iterator[Written]:
    """At most four reasons: findings of the decision, then the heaviest contributions, else a general finding."""
    codes, kinds = finding_codes(rules), rules.features
    places = {name: [at for at, code in enumerate(codes) if code in names] for name, names in GROUPS.items()}
    places["specific"] = [at for at in range(len(codes)) if at not in places["general"]]
    yield "found", "flatMap([$.first, $.last], #)"
    met = "$.decision > 0 and $.found[#] == $.decision"
    yield "specific", f"filter({places['specific']}, {met})"
    yield "general", f"filter({places['general']}, {met})"
    dearer = f"$.decision == 0 and $.price > {rules.numbers['lowest_rate_bp']}"
    yield "asked", f"some({places['matters']}, {met}) or ({dearer})"
    # One number carries weight and feature, so that the next smaller one is the next reason.
    weights = f"filter(map([0..{kinds - 1}], contributions[#] * {kinds} - #), # > 0)"
    yield "weights", f"$.asked ? {weights} : []"
    before = None
    for slot in range(MOST_REASONS):
        left = "#" if before is None else f"# < $.{before} ? # : 0"
        yield f"weight_{slot}", f"max(flatMap([[0], map($.weights, {left})], #))"
        before = f"weight_{slot}"
    heavy = ", ".join(f"$.weight_{slot}" for slot in range(MOST_REASONS))
    feature = f"{len(codes)} + ({kinds} - # % {kinds}) % {kinds}"
    yield "heavy", f"map(filter([{heavy}], # > 0), {feature})"
    yield "named", "flatMap([$.specific, $.heavy], #)"
    padding = [-1] * MOST_REASONS
    chosen = f"flatMap([len($.named) == 0 ? $.general : $.named, {padding}], #)"
    yield "reasons", f"({chosen})[0:{MOST_REASONS - 1}]"


def with_bonus(rules: Rules) -> Iterator[Written]:
    """Limit and rate of every grade, and the ledgers of the household's own."""
    room = f"$.price - $.cost + {rules.numbers['gap_cap_bp']}"
    for grade in range(len(rules.grades)):
        yield from graded(rules, grade, room)
    every = range(len(rules.grades))
    for name in ("rows", "limit", "rate", "wanted", "discount"):
        yield f"own_{name}", f"[{', '.join(f'$.{name}_{grade}' for grade in every)}][grade_at]"
    yield "after", "[$.income_line, $.after_0, $.after_1, $.after_2, $.after_3, $.line]"
    baseline = "flatMap([[$.carried, -$.known_debt, -$.assumed_debt], map([1..5], $.after[#] - $.after[# - 1])], #)"
    yield "limit_rows", f"map(flatMap([{baseline}, $.own_rows], #), # * $.offered)"
    price = f"{rules.numbers['lpr_bp']}, $.spread, $.cost_floor"
    yield "rate_rows", f"map([{price}, -$.own_wanted, $.own_wanted - $.own_discount], # * $.offered)"
    yield "grade_limits", f"map([{', '.join(f'$.limit_{grade}' for grade in every)}], # * $.offered)"
    yield "grade_rates", f"map([{', '.join(f'$.rate_{grade}' for grade in every)}], # * $.offered)"
    yield "baseline_limit_fen", "$.line * $.offered"
    yield "limit_fen", "$.own_limit * $.offered"
    yield "base_rate_bp", "$.price * $.offered"
    yield "rate_bp", "$.own_rate * $.offered"
    yield "rate_discount_bp", "$.own_discount * $.offered"
    yield "incentive_gap_bp", "max([$.own_discount - ($.price - $.cost), 0]) * $.offered"
    yield "limit_bonus_fen", "$.limit_fen - $.baseline_limit_fen"
    yield "term_months", f"{rules.term_months}[sector_at]"
    repaid = floored("$.limit_fen * ($.due[$.worst_month - 1] + $.interest)", PPM)
    left = floored(f"$.saved[$.worst_month - 1] - {repaid}", rules.numbers["carry_months"])
    yield "left_after_repayment_fen", f"{left} * $.offered"
    yield "all_in_annual_cost_bp", f"round({YEARLY.format('$.rate_bp')})"
    yield "grade_costs", f"map($.grade_rates, round({YEARLY.format('#')}))"
    unknown = ("unsecured_debt_fen == null", "income_stability_milli == null", "not $.months_known")
    yield "assumptions", f"[{', '.join(f'{each} ? 1 : 0' for each in unknown)}]"


def graded(rules: Rules, grade: int, room: str) -> Iterator[Written]:
    """Limit and rate with one grade, and the five rows of its bonus."""
    step = rules.numbers["limit_step_fen"]
    bonus = [row[grade] for row in rules.limit_bonus_milli]
    extra = floored(f"max([$.income_line, 0]) * {bonus}[$.band]", 1000)
    yield f"with_0_{grade}", f"{floored(f'$.after_3 + {extra}', step)} * {step}"
    for cap in range(4):
        lowered = f"{floored(f'$.cap_{cap}', step)} * {step}"
        yield f"with_{cap + 1}_{grade}", f"min([$.with_{cap}_{grade}, {lowered}])"
    rows = [f"$.with_{cap + 1}_{grade} - $.with_{cap}_{grade}" for cap in range(4)]
    yield f"rows_{grade}", f"[$.with_0_{grade} - {floored('$.after_3', step)} * {step}, {', '.join(rows)}]"
    yield f"limit_{grade}", f"$.line + sum($.rows_{grade})"
    yield f"wanted_{grade}", f"{[row[grade] for row in rules.rate_discount_bp]}[$.band]"
    yield f"discount_{grade}", f"min([$.wanted_{grade}, {room}])"
    yield f"rate_{grade}", f"$.price - $.discount_{grade}"


YEARLY: Final = "((1 + {} / 120000) ^ 12 - 1) * 10000"
GROUPS: Final = {"general": BAND_REASONS, "matters": MODEL_MATTERS}
LISTS: Final = {
    "limit_rows": LIMIT_LEDGER,
    "rate_rows": RATE_LEDGER,
    "grade_limits": GRADE_LIMITS,
    "grade_rates": GRADE_RATES,
    "grade_costs": GRADE_COSTS,
    "assumptions": ASSUMPTIONS,
}
ANSWERS: Final = (*TERMS, *LISTS, "reasons")


def answered(result: Any, rules: Rules) -> pa.Table:
    """Every answer as a row of whole numbers, and the reasons as codes."""
    rows = [told["data"]["result"] for told in result]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in TERMS}
    for name, places in LISTS.items():
        columns |= dict(zip(places, zip(*(row[name] for row in rows), strict=True), strict=True))
    numbers = {name: pa.array(np.array(columns[name], np.int64)) for name in WITHOUT_REASONS}
    codes = np.array([*finding_codes(rules), *rules.contributions, ""])
    reasons = codes[np.array([row["reasons"] for row in rows], np.int64)]
    return pa.table(numbers | dict(zip(REASONS, map(pa.array, reasons.T), strict=True)))


if __name__ == "__main__":
    contend(prepare)

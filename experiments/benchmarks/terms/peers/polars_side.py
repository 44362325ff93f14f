"""Polars in its best form here: one lazy query of whole-number expressions, stage by stage, months side by side.

Tables by band, sector and grade are read with `gather` from literal series (a join or `replace_strict` took longer).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import polars as pl  # type: ignore[import-not-found]  # lives in the peers' environment

from experiments.benchmarks.speaking import Run
from experiments.benchmarks.terms.answers import (
    BAND_REASONS,
    DATA_REASONS,
    EVERYTHING,
    LINE_REASONS,
    MODEL_MATTERS,
    MOST_REASONS,
    REASONS,
    WITHOUT_REASONS,
)
from experiments.benchmarks.terms.contest import Task, contend
from experiments.benchmarks.terms.rules import Rules

PPM: Final = 1_000_000
FURTHEST: Final = 10**12
STEP: Final = 1_000
"""More than there are codes."""
MONTHS: Final = range(12)
SHARES: Final = [f"monthly_income_share_{month + 1:02d}_ppm" for month in MONTHS]

REFER: Final = 1
DECLINE: Final = 2

Expr = Any
Frame = Any


def prepare(task: Task) -> tuple[Mapping[str, Run], Any]:
    """The queries with and without reasons, and the answers of the first."""
    given = pl.read_parquet(task.households).with_columns(
        pl.col("borrower_birth_on").dt.year().alias("born_year"),
        pl.col("borrower_birth_on").dt.month().alias("born_month"),
        pl.col("borrower_birth_on").dt.day().alias("born_day"),
    )
    with_reasons = offers(given.lazy(), task.rules, reasons=True)
    without = offers(given.lazy(), task.rules, reasons=False)
    return {"reasons": with_reasons.collect, "terms": without.collect}, answered(with_reasons.collect(), task.rules)


def offers(households: Frame, rules: Rules, *, reasons: bool) -> Frame:
    """One row per household with every answer."""
    frame = priced(households, rules)
    frame = stretched(frame, rules)
    frame = lined(frame, rules)
    frame = decided(frame, rules)
    frame = with_bonus(frame, rules)
    if reasons:
        frame = reasoned(frame, rules)
    return frame.select(EVERYTHING if reasons else WITHOUT_REASONS)


def by(table: Sequence[int], place: str) -> Expr:
    """A table's number at each row's place."""
    return pl.lit(pl.Series(table, dtype=pl.Int64)).gather(pl.col(place))


def position(column: str, words: Sequence[str]) -> Expr:
    """Place of each word in a list."""
    return pl.col(column).cast(pl.Enum(words)).to_physical().cast(pl.Int64)


def priced(frame: Frame, rules: Rules) -> Frame:
    """Band, price, stable income and debt."""
    n = rules.numbers
    frame = frame.with_columns(
        sector_at=position("sector", rules.sectors).fill_null(rules.sectors.index("other")),
        grade_at=position("grade", rules.grades),
        band=sum((pl.col("probability_ppm") >= edge).cast(pl.Int64) for edge in rules.from_ppm[1:]),
        stable=pl.col("income_stability_milli").fill_null(n["assumed_stability_milli"]),
        known_debt=pl.col("unsecured_debt_fen").fill_null(0),
        months_known=pl.col(SHARES[0]).is_not_null(),
        months_make_a_year=(pl.sum_horizontal(SHARES) - PPM).abs() <= n["share_tolerance_ppm"],
    )
    loss = -(-pl.col("probability_ppm") * n["loss_given_default_milli"] // 100_000)
    counted = pl.col("stable") * 1000 + (1000 - pl.col("stable")) * n["unstable_income_milli"]
    frame = frame.with_columns(
        spread=by(rules.spread_bp, "band"),
        cost=loss + n["fixed_cost_bp"],
        income=pl.col("annual_income_fen").fill_null(0) * counted // PPM,
    )
    floor = (pl.col("cost") - n["lpr_bp"] - pl.col("spread")).clip(lower_bound=0)
    assumed = pl.col("income").clip(lower_bound=0) * n["assumed_debt_milli"] // 1000
    return frame.with_columns(
        cost_floor=floor,
        price=n["lpr_bp"] + pl.col("spread") + floor,
        assumed_debt=pl.when(pl.col("unsecured_debt_fen").is_null()).then(assumed).otherwise(0),
    )


def stretched(frame: Frame, rules: Rules) -> Frame:
    """The tightest stretch of months: the largest line it can repay, and its last month."""
    n = rules.numbers
    carry = n["carry_months"]
    debt = pl.col("known_debt") + pl.col("assumed_debt")
    fixed = pl.col("adults").fill_null(0) * n["adult_fen"] + pl.col("minors").fill_null(0) * n["minor_fen"]
    frame = frame.with_columns(
        fixed=fixed + debt * n["debt_service_milli"] // 1000,
        interest_ppm=-(-pl.col("price") * 100 * carry // 12),
    )
    frame = frame.with_columns(free(rules, month).alias(f"free_{month}") for month in MONTHS)
    for each in (saved, due, largest):
        frame = frame.with_columns(each(rules, month).alias(f"{each.__name__}_{month}") for month in MONTHS)
    every = [f"largest_{month}" for month in MONTHS]
    frame = frame.with_columns(affordability_fen=pl.min_horizontal(every))
    first = pl.coalesce(pl.when(pl.col(f"largest_{m}") == pl.col("affordability_fen")).then(m + 1) for m in MONTHS)
    frame = frame.with_columns(worst_month=first.cast(pl.Int64))
    return frame.with_columns(
        pl.coalesce(pl.when(pl.col("worst_month") == m + 1).then(f"{name}_{m}") for m in MONTHS).alias(f"worst_{name}")
        for name in ("saved", "due")
    )


def free(rules: Rules, month: int) -> Expr:
    """What is left of a month's stressed income."""
    typical = by([row[month] for row in rules.typical_share_ppm], "sector_at")
    own = pl.col("months_known") & pl.col("months_make_a_year")
    share = pl.when(own).then(pl.col(SHARES[month])).otherwise(typical)
    stressed = share * by([row[month] for row in rules.stress_milli], "sector_at") // 1000
    return pl.col("income") * stressed // PPM - pl.col("fixed")


def stretch(month: int, length: int) -> list[int]:
    """The months of the stretch that ends in a month, the year taken as a circle."""
    return [(month - back) % 12 for back in range(length)]


def saved(rules: Rules, month: int) -> Expr:
    """What is left over in the stretch ending in a month."""
    return pl.sum_horizontal(f"free_{each}" for each in stretch(month, rules.numbers["carry_months"]))


def due(rules: Rules, month: int) -> Expr:
    """What falls due in that stretch, in millionths of the line."""
    return by([row[month] for row in rules.principal_due_ppm], "sector_at") + pl.col("interest_ppm")


def largest(rules: Rules, month: int) -> Expr:
    """The largest line whose dues the stretch ending in a month can meet."""
    usable = pl.col(f"saved_{month}").clip(0, FURTHEST) * rules.numbers["repayment_share_milli"] // 1000
    return usable * PPM // pl.col(f"due_{month}").clip(lower_bound=1)


def lined(frame: Frame, rules: Rules) -> Frame:
    """The baseline limit and what the caps cut of it."""
    n = rules.numbers
    household = pl.when(pl.col("unsecured_debt_fen").is_null()).then(n["household_cap_unknown_debt_fen"])
    frame = frame.with_columns(
        carried=pl.col("income") * by(rules.multiple_milli, "band") // 1000,
        cap_0=by(rules.purpose_cap_fen, "sector_at"),
        cap_1=household.otherwise(n["household_cap_fen"] - pl.col("known_debt")).cast(pl.Int64),
        cap_2=pl.col("affordability_fen"),
        cap_3=pl.lit(n["hard_cap_fen"], pl.Int64),
    )
    frame = frame.with_columns(income_line=pl.col("carried") - pl.col("known_debt") - pl.col("assumed_debt"))
    running = pl.col("income_line")
    for cap in range(4):
        running = pl.min_horizontal(running, f"cap_{cap}")
        frame = frame.with_columns(running.alias(f"after_{cap}"))
        running = pl.col(f"after_{cap}")
    whole = running // n["limit_step_fen"] * n["limit_step_fen"]
    return frame.with_columns(line=pl.when(running >= n["minimum_limit_fen"]).then(whole).otherwise(0))


def rule_findings(rules: Rules) -> Iterator[tuple[str, int, Expr]]:
    """Outcome of each rule's failures and, where it is another, of its unknowns, in the policy's order."""
    for rule in rules.eligibility:
        column = age(rules) if rule["column"] == "borrower_age_years" else pl.col(rule["column"])
        failed = ~within(column, rule).fill_null(value=True)
        if rule["unknown"] == rule["otherwise"]:
            yield rule["code"], rule["otherwise"], failed | column.is_null()
            continue
        yield rule["code"], rule["otherwise"], failed
        if rule["unknown"]:
            yield rule["code"], rule["unknown"], column.is_null()


def within(column: Expr, rule: Mapping[str, Any]) -> Expr:
    """Whether a value lies within a rule's bounds."""
    bounds = [] if rule["at_least"] is None else [column >= rule["at_least"]]
    bounds += [] if rule["at_most"] is None else [column <= rule["at_most"]]
    return pl.all_horizontal(bounds)


def age(rules: Rules) -> Expr:
    """Completed years on the business date (which ends no February)."""
    month, day = pl.col("born_month"), pl.col("born_day")
    later = (month > rules.month) | ((month == rules.month) & (day > rules.day_of_month))
    return rules.year - pl.col("born_year") - later.cast(pl.Int64)


def data_findings() -> Iterator[tuple[str, int, Expr]]:
    """What the bank's data cannot answer."""
    income, adults = pl.col("annual_income_fen"), pl.col("adults")
    below = [adults < 1, pl.col("minors") < 0, income < 0, pl.col("unsecured_debt_fen") < 0]
    met = [
        pl.col("household_ref").is_duplicated(),
        pl.col("sector").is_null(),
        adults.is_null() | pl.col("minors").is_null(),
        income.is_null(),
        pl.col("months_known") & ~pl.col("months_make_a_year"),
        pl.any_horizontal(each.fill_null(value=False) for each in below),
    ]
    for code, each in zip(DATA_REASONS, met, strict=True):
        yield code, REFER, each


def band_findings(rules: Rules) -> Iterator[tuple[str, int, Expr]]:
    """A risk above appetite, or one that needs a person."""
    for code, outcome in zip(BAND_REASONS, (DECLINE, REFER), strict=True):
        yield code, outcome, by(rules.band_outcome, "band") == outcome


def line_findings(rules: Rules) -> Iterator[tuple[str, int, Expr]]:
    """Why the line of a sound household stays below the minimum."""
    small = (pl.col("sound") == 0) & (pl.col("line") == 0)
    known = pl.col("unsecured_debt_fen").is_not_null()
    yield LINE_REASONS[0], REFER, small & ~known
    below = [pl.col(limit) < rules.numbers["minimum_limit_fen"] for limit in ("income_line", "cap_1", "cap_2")]
    for code, met in zip(LINE_REASONS[1:], [*below, ~pl.any_horizontal(below)], strict=True):
        yield code, DECLINE, small & known & met


def first_findings(rules: Rules) -> list[tuple[str, int, Expr]]:
    """Those that stand before the line is looked at."""
    return [*rule_findings(rules), *data_findings(), *band_findings(rules)]


def finding_codes(rules: Rules) -> list[str]:
    """Codes of all findings, in their order."""
    return [code for code, _, _ in (*first_findings(rules), *line_findings(rules))]


def decided(frame: Frame, rules: Rules) -> Frame:
    """The severest outcome of all findings, each kept as a column that holds its outcome where it is met."""
    first, last = first_findings(rules), list(line_findings(rules))
    for begin, found in ((0, first), (len(first), last)):
        frame = frame.with_columns(
            (met.cast(pl.Int8) * outcome).alias(f"finding_{at}") for at, (_, outcome, met) in enumerate(found, begin)
        )
        if not begin:
            frame = frame.with_columns(sound=pl.max_horizontal(f"finding_{at}" for at in range(len(first))))
    every = [f"finding_{at}" for at in range(len(first) + len(last))]
    return frame.with_columns(decision=pl.max_horizontal(every))


def reasoned(frame: Frame, rules: Rules) -> Frame:
    """At most four reasons: findings of the decision, then the heaviest contributions, else a general finding.

    Each candidate has a number that orders it, and the four smallest are taken one after the other; sorting lists took
    several times as long.
    """
    codes = finding_codes(rules)
    told = [(pl.col(f"finding_{at}") == pl.col("decision")) & (pl.col("decision") > 0) for at in range(len(codes))]
    specific = [at for at, code in enumerate(codes) if code not in BAND_REASONS]
    asked = pl.any_horizontal(told[at] for at, code in enumerate(codes) if code in MODEL_MATTERS)
    dearer = (pl.col("decision") == 0) & (pl.col("price") > rules.numbers["lowest_rate_bp"])
    frame = heaviest(frame.with_columns(asked=asked | dearer), rules)
    candidates = [pl.when(told[at]).then(pl.lit(at, pl.Int16)) for at in specific]
    candidates += [pl.col(f"heavy_{slot}") for slot in range(MOST_REASONS)]
    frame = frame.with_columns(each.alias(f"candidate_{at}") for at, each in enumerate(candidates))
    frame = smallest(frame, [f"candidate_{at}" for at in range(len(candidates))])
    general = [pl.when(told[at]).then(pl.lit(at, pl.Int16)) for at in range(len(codes)) if at not in specific]
    frame = frame.with_columns(reason_0=pl.coalesce("reason_0", pl.max_horizontal(general)))
    return frame.with_columns((pl.col(f"reason_{slot}") % STEP).fill_null(-1) for slot in range(MOST_REASONS))


def heaviest(frame: Frame, rules: Rules) -> Frame:
    """Numbers of the four largest positive contributions, one after the other; a number carries its feature."""
    kinds, begin = rules.features, len(finding_codes(rules))
    packed = [(pl.col(name) * kinds - at).alias(f"packed_{at}") for at, name in enumerate(rules.contributions)]
    frame = frame.with_columns(packed)
    columns = [pl.col(f"packed_{at}") for at in range(kinds)]
    before: Expr = pl.lit(2**62)
    for slot in range(MOST_REASONS):
        below = [pl.when(column < before).then(column) for column in columns]
        frame = frame.with_columns(pl.max_horizontal(below).alias(f"weight_{slot}"))
        before = pl.col(f"weight_{slot}")
    for slot in range(MOST_REASONS):
        weight = pl.col(f"weight_{slot}")
        number = STEP * (slot + 1) + begin + (-weight) % kinds
        shown = pl.col("asked") & (weight > 0)
        frame = frame.with_columns(pl.when(shown).then(number).cast(pl.Int16).alias(f"heavy_{slot}"))
    return frame


def smallest(frame: Frame, names: Sequence[str]) -> Frame:
    """The four smallest numbers of a row, in order."""
    before: Expr = pl.lit(-1, pl.Int16)
    for slot in range(MOST_REASONS):
        above = [pl.when(pl.col(name) > before).then(name) for name in names]
        frame = frame.with_columns(pl.min_horizontal(above).alias(f"reason_{slot}"))
        before = pl.col(f"reason_{slot}")
    return frame


def answered(offers: Any, rules: Rules) -> Any:
    """Arrow, the numbers of reasons as their codes."""
    codes = [*finding_codes(rules), *rules.contributions, ""]
    told = [pl.col(name).map_elements(lambda place: codes[place], pl.String) for name in REASONS]
    return offers.with_columns(told).to_arrow()


def with_bonus(frame: Frame, rules: Rules) -> Frame:
    """Limit and rate of every grade, and the ledgers of the household's own."""
    offered = pl.col("decision") == 0
    frame = frame.with_columns(offered=offered.cast(pl.Int64), discount_room=pl.col("price") - pl.col("cost"))
    for grade in range(len(rules.grades)):
        frame = graded(frame, rules, grade)
    own = [pl.col("grade_at") == grade for grade in range(len(rules.grades))]

    def of_own(name: str) -> Expr:
        chosen = pl.when(own[0]).then(f"{name}_0")
        for grade in range(1, len(own)):
            chosen = chosen.when(own[grade]).then(f"{name}_{grade}")
        return chosen * pl.col("offered")

    steps = [of_own(f"step_{row}").alias(f"limit_row_{8 + row:02d}") for row in range(5)]
    frame = frame.with_columns(
        *baseline_rows(),
        *steps,
        baseline_limit_fen=pl.col("line") * pl.col("offered"),
        limit_fen=of_own("limit"),
        base_rate_bp=pl.col("price") * pl.col("offered"),
        rate_bp=of_own("rate"),
        rate_row_0=pl.col("offered") * rules.numbers["lpr_bp"],
        rate_row_1=pl.col("offered") * pl.col("spread"),
        rate_row_2=pl.col("offered") * pl.col("cost_floor"),
        rate_row_3=-of_own("wanted"),
        rate_row_4=of_own("wanted") - of_own("discount"),
        rate_discount_bp=of_own("discount"),
        incentive_gap_bp=(of_own("discount") - pl.col("discount_room")).clip(lower_bound=0) * pl.col("offered"),
        term_months=by(rules.term_months, "sector_at"),
        debt_assumed=pl.col("unsecured_debt_fen").is_null().cast(pl.Int64),
        stability_assumed=pl.col("income_stability_milli").is_null().cast(pl.Int64),
        monthly_shares_assumed=(~pl.col("months_known")).cast(pl.Int64),
        **{f"grade_limit_{grade}": pl.col(f"limit_{grade}") * pl.col("offered") for grade in range(len(own))},
        **{f"grade_rate_{grade}": pl.col(f"rate_{grade}") * pl.col("offered") for grade in range(len(own))},
    )
    repaid = pl.col("limit_fen") * pl.col("worst_due") // PPM
    left = (pl.col("worst_saved") - repaid) // rules.numbers["carry_months"] * pl.col("offered")
    return frame.with_columns(
        all_in_annual_cost_bp=all_in("rate_bp"),
        limit_bonus_fen=pl.col("limit_fen") - pl.col("baseline_limit_fen"),
        left_after_repayment_fen=left,
        **{f"grade_all_in_{grade}": all_in(f"grade_rate_{grade}") for grade in range(len(own))},
    )


def all_in(rate: str) -> Expr:
    """The yearly cost of a rate with monthly interest, half up."""
    yearly = ((1 + pl.col(rate) / 120_000) ** 12 - 1) * 10_000 + 0.5
    return yearly.floor().cast(pl.Int64)


def baseline_rows() -> Iterator[Expr]:
    """The limit's ledger before any bonus."""
    offered, running = pl.col("offered"), pl.col("income_line")
    yield (pl.col("carried") * offered).alias("limit_row_00")
    yield (-pl.col("known_debt") * offered).alias("limit_row_01")
    yield (-pl.col("assumed_debt") * offered).alias("limit_row_02")
    for cap in range(4):
        yield ((pl.col(f"after_{cap}") - running) * offered).alias(f"limit_row_{3 + cap:02d}")
        running = pl.col(f"after_{cap}")
    yield ((pl.col("line") - running) * offered).alias("limit_row_07")


def graded(frame: Frame, rules: Rules, grade: int) -> Frame:
    """Limit and rate with one grade, and the five rows of its bonus."""
    step, gap = rules.numbers["limit_step_fen"], rules.numbers["gap_cap_bp"]
    capped = pl.col("after_3")
    extra = pl.col("income_line").clip(lower_bound=0) * by([row[grade] for row in rules.limit_bonus_milli], "band")
    wanted = by([row[grade] for row in rules.rate_discount_bp], "band")
    frame = frame.with_columns(
        ((capped + extra // 1000) // step * step).alias(f"running_0_{grade}"), wanted.alias(f"wanted_{grade}")
    )
    for cap in range(4):
        lowered = pl.min_horizontal(f"running_{cap}_{grade}", pl.col(f"cap_{cap}") // step * step)
        frame = frame.with_columns(lowered.alias(f"running_{cap + 1}_{grade}"))
    lowered = [pl.col(f"running_{cap}_{grade}") for cap in range(5)]
    rows = [lowered[0] - capped // step * step, *(after - before for before, after in pairwise(lowered))]
    discount = pl.min_horizontal(f"wanted_{grade}", pl.col("discount_room") + gap)
    return frame.with_columns(
        *(row.alias(f"step_{at}_{grade}") for at, row in enumerate(rows)),
        (pl.col("line") + sum(rows)).alias(f"limit_{grade}"),
        discount.alias(f"discount_{grade}"),
        (pl.col("price") - discount).alias(f"rate_{grade}"),
    )


if __name__ == "__main__":
    contend(prepare)

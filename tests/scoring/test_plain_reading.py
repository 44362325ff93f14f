"""A second, slow reading of the rulebook's YAML in plain Python, written from the package docstring alone.

It shares no line with `scoring`: its own YAML reading, months, rounding and loops over single events. Both must give
every person the same rows, index and grade on any day, as known at any position, for random histories.
"""

import datetime as dt
import os
from calendar import monthrange
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import yaml
from hypothesis import HealthCheck, given, reject, settings

import scoring
from scoring import Evaluation, Rulebook, RulebookValueError, date_of, load_rulebook
from scoring.loader import edition_files, editions, load_rulebook_files

Row = dict[str, Any]
RULEBOOKS = Path(scoring.__file__).parent / "rulebooks"
TIMES = int(os.environ.get("HAIXIA_THOROUGH", "1"))
FOREVER = dt.date.max


def plus_months(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def thousandths(points: Fraction) -> int:
    doubled = abs(points) * 2000
    whole = (doubled.numerator // doubled.denominator + 1) // 2
    return whole if points >= 0 else -whole


def quarter(day: dt.date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3


def group_of(row: Row, within: str) -> tuple[int, ...]:
    """Rows are compared within the quarter or month of the deed, or all together."""
    on = row["event"]["occurred_on"]
    return {"indicator": (), "quarter": quarter(on), "month": (on.year, on.month)}[within]


@cache
def shipped(edition: str) -> Mapping[str, bytes]:
    return edition_files(RULEBOOKS / edition)


@cache
def read_yaml(content: bytes) -> Any:
    return yaml.load(content.decode("utf-8"), yaml.CBaseLoader)  # noqa: S506  # BaseLoader makes only text


class PlainReading:
    """One person's ledger by loops over dictionaries."""

    def __init__(self, files: Mapping[str, bytes], history: Any, person_id: int, day: dt.date, position: int) -> None:
        self.edition = read_yaml(files["edition.yaml"])
        self.dimensions = [read_yaml(files[name]) for name in sorted(files) if name != "edition.yaml"]
        as_of, known_position = day, position
        self.history, self.person_id, self.as_of = history, person_id, as_of
        known = {event["event_id"]: event for event in history.events if event["position"] <= known_position}
        self.known = known
        self.stands_for = self.corrections(known)
        gone = {number for number, standing in self.stands_for.items() if number != standing}
        gone |= {self.revoked_by(event, known) for event in known.values() if event["event_type"] == "revocation"}
        self.events = [e for e in known.values() if e["event_id"] not in gone or e["event_type"] == "revocation"]
        self.person = next(
            (row for row in history.persons if row["person_id"] == person_id and self.enrolled(row)), None
        )

    # --- corrections, revocations, appeals -----------------------------------------------------------------------

    def corrections(self, known: dict[int, Row]) -> dict[int, int]:
        """For every event that was corrected or corrects: the number of the correction that stands."""
        trees: dict[int, list[Row]] = {}
        for event in known.values():
            root = self.root(event, known)
            if root is not None and root != event["event_id"]:
                trees.setdefault(root, []).append(event)
        standing = {}
        for root, corrections in trees.items():
            last = max(corrections, key=lambda each: (each["position"], each["event_id"]))["event_id"]
            standing |= dict.fromkeys([root, *(each["event_id"] for each in corrections)], last)
        return standing

    def root(self, event: Row, known: dict[int, Row]) -> int | None:
        """The first event of the chain of equal kinds that this one points along; None if it runs in a circle."""
        seen = set()
        while event["event_type"] != "revocation":
            if event["event_id"] in seen:
                return None
            seen.add(event["event_id"])
            target = known.get(event["about_event_id"])
            if target is None or target["event_type"] != event["event_type"]:
                break
            event = target
        return int(event["event_id"])

    def about(self, event: Row) -> int:
        """What stands for the event pointed at; a correction means what the event at its root pointed at."""
        root = self.root(event, self.known)
        named = self.known[root]["about_event_id"] if root is not None else event["about_event_id"]
        return self.stands_for.get(named, named)

    def revoked_by(self, revocation: Row, known: dict[int, Row]) -> int:
        """The number of the event it takes away: what stands for the named one, if it was sealed by then."""
        named = revocation["about_event_id"]
        standing = self.stands_for.get(named, named)
        earlier = standing in known and known[standing]["position"] <= revocation["position"]
        return standing if standing == named or earlier else 0

    def suspended(self, event: Row, day: dt.date) -> bool:
        return any(opens <= day < closes for opens, closes in self.appeals(event))

    def appeals(self, event: Row) -> Iterator[tuple[dt.date, dt.date]]:
        for appeal in self.events:
            if appeal["event_type"] == "appeal_opened" and self.about(appeal) == event["event_id"]:
                answers = [
                    self.base_day(answer)
                    for answer in self.events
                    if answer["event_type"] == "appeal_closed" and self.about(answer) == appeal["event_id"]
                ]
                yield self.base_day(appeal), min(answers, default=FOREVER)

    def cut(self, event: Row, spell: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        """The spell in pieces: with its value, and suspended with none."""
        value, begins, ends = spell
        days = {day for period in self.appeals(event) for day in period if begins < day < ends}
        edges = [begins, *sorted(days), ends]
        states = [self.suspended(event, edge) for edge in edges[:-1]]
        starts = [number for number in range(len(states)) if number == 0 or states[number] != states[number - 1]]
        for start, stop in zip(starts, [*starts[1:], len(states)], strict=True):
            if edges[start] < edges[stop]:
                yield Fraction(0) if states[start] else value, edges[start], edges[stop], states[start]

    def adult_on(self, row: Row) -> dt.date:
        return plus_months(row["birth_on"], 12 * int(self.edition["adult_years"]))

    def enrolled(self, row: Row) -> bool:
        until = min(row["enrolled_until"] or FOREVER, row["died_on"] or FOREVER)
        return bool(max(row["enrolled_from"], self.adult_on(row)) <= self.as_of < until)

    def base_day(self, event: Row) -> dt.date:
        return event["effective_from"] or event["occurred_on"]

    # --- whom an event reaches -------------------------------------------------------------------------------

    def reach(self, event: Row, indicator: Row, rule: Row) -> tuple[Fraction, int] | None:
        """The share that reaches the person and the entity looked through, None if nothing does."""
        if not self.may_count(event, indicator, rule):
            return None
        if event["person_id"] == self.person_id:
            return Fraction(1), 0
        if "look_through" in rule and event["person_id"] == 0 and event["entity_id"]:
            through = self.representative(event["entity_id"], event[rule["look_through"]]) == self.person_id
            return (Fraction(self.edition["look_through_factor"]), event["entity_id"]) if through else None
        return (Fraction(1), 0) if rule.get("shared_with_household") == "true" and self.shares(event) else None

    def may_count(self, event: Row, indicator: Row, rule: Row) -> bool:
        if indicator["direction"] == "deduction":
            listed = event["document_class"] in rule["document_classes"]
            if not listed or event["catalogue_item"] != rule["catalogue_item"]:
                return False
        source = indicator.get("consent_source", "enrolment")
        of_age = event["occurred_on"] >= self.adult_on(self.person)
        return of_age and (source == "enrolment" or self.consents_to(source))

    def consents_to(self, source: str) -> bool:
        return any(
            row["person_id"] == self.person_id
            and row["source_code"] == source
            and row["from_on"] <= self.as_of < (row["until_on"] or FOREVER)
            for row in self.history.source_consents
        )

    def representative(self, entity_id: int, on: dt.date | None) -> int:
        terms = [
            (row["from_on"], -row["person_id"])
            for row in self.history.representatives
            if row["entity_id"] == entity_id and on and row["from_on"] <= on < (row["until_on"] or FOREVER)
        ]
        return -max(terms)[1] if terms else 0

    def households(self, person_id: int, on: dt.date) -> set[int]:
        return {
            row["household_id"]
            for row in self.history.memberships
            if row["person_id"] == person_id and row["from_on"] <= on < (row["until_on"] or FOREVER)
        }

    def shares(self, event: Row) -> bool:
        on = event["occurred_on"]
        named = {event["household_id"]} if event["household_id"] else self.households(event["person_id"], on)
        return bool(named & self.households(self.person_id, on))

    # --- periods ---------------------------------------------------------------------------------------------

    def ended_on(self, event: Row, indicator: Row, rule: Row) -> dt.date:
        days = [FOREVER]
        deducts = indicator["direction"] == "deduction"
        if deducts:
            days.append(plus_months(self.base_day(event), int(self.edition["negative_limit_months"])))
        for other in self.events:
            kind = other["event_type"]
            points_here = self.about(other) == event["event_id"]
            if points_here and (kind in rule.get("ended_by", []) or (deducts and kind == "restoration")):
                days.append(self.base_day(other))
            own = other["person_id"] == self.person_id and kind in rule.get("ended_by_own", [])
            if own and other["occurred_on"] >= event["occurred_on"]:
                days.append(self.base_day(other))
        return min(days)

    def expires_on(self, event: Row, rule: Row) -> dt.date:
        months = rule["validity_months"]
        return FOREVER if months == "null" else plus_months(self.base_day(event), int(months))

    def plain_period(self, event: Row, indicator: Row, rule: Row) -> tuple[dt.date, dt.date]:
        begins = max(self.base_day(event), event["counts_from"])
        return begins, min(self.expires_on(event, rule), self.ended_on(event, indicator, rule))

    # --- methods: one spell is (points or quantity, from, until) -----------------------------------------------

    def spells(self, event: Row, indicator: Row, rule: Row, share: Fraction, entity: int) -> Iterator[tuple[Any, ...]]:
        method, (begins, ends) = rule["method"], self.plain_period(event, indicator, rule)
        kind, quantity = method["kind"], Fraction(max(event["quantity_milli"], 0), 1000)
        if kind == "fixed":
            yield from self.fading(event, indicator, rule, share)
        elif kind == "per_unit":
            yield (
                share * Fraction(method["points_per_unit"]) * min(quantity, Fraction(method["quantity_max"])),
                begins,
                ends,
            )
        elif kind == "ordinal":
            ladder = [Fraction(step) for step in method["ladder"]]
            number = self.occurrence(event, indicator, entity, int(method["window_months"]))
            yield share * ladder[min(number, len(ladder)) - 1], begins, ends
        elif kind == "escalation":
            yield from self.escalation(event, indicator, rule, share)
        elif kind == "streak":
            yield share * Fraction(method["points"]), begins, min(ends, self.restart(event, method["broken_by"]))
        elif kind == "converted":
            yield share * quantity / self.needed(event, method), begins, ends
        else:
            yield self.passed(event, method), begins, ends

    def fading(self, event: Row, indicator: Row, rule: Row, share: Fraction) -> Iterator[tuple[Any, ...]]:
        begins, ends = self.plain_period(event, indicator, rule)
        points, fade = share * Fraction(rule["method"]["points"]), int(rule["method"].get("fade_months", "0"))
        if not fade:
            yield points, begins, ends
        for step in range(fade):
            first = plus_months(self.base_day(event), int(rule["validity_months"]) - fade + step)
            last = plus_months(self.base_day(event), int(rule["validity_months"]) - fade + step + 1)
            yield points * (fade - step) / fade, max(begins, first) if step else begins, min(last, ends)

    def occurrence(self, event: Row, indicator: Row, entity: int, window_months: int) -> int:
        day, number = event["occurred_on"], 1
        opens = plus_months(day, -window_months)
        for prior, rule in self.of_indicator(indicator):
            reach = self.reach(prior, indicator, rule)
            if prior is event or reach is None or reach[1] != entity:
                continue
            begins, ends = self.plain_period(prior, indicator, rule)
            earlier = self.rank(prior, indicator) < self.rank(event, indicator)
            counting = begins <= day < ends and not self.suspended(prior, day)
            if earlier and opens < prior["occurred_on"] <= day and counting:
                number += 1
        return number

    def rank(self, event: Row, indicator: Row) -> tuple[Any, ...]:
        rule = next(rule for other, rule in self.of_indicator(indicator) if other is event)
        return event["occurred_on"], abs(Fraction(rule["method"]["ladder"][0])), event["event_id"]

    def of_indicator(self, indicator: Row) -> Iterator[tuple[Row, Row]]:
        for event in self.events:
            for rule in indicator["rules"]:
                if event["event_type"] == rule["event_type"] and event["level"] in rule.get("levels", [event["level"]]):
                    yield event, rule

    def escalation(self, event: Row, indicator: Row, rule: Row, share: Fraction) -> Iterator[tuple[Any, ...]]:
        if event["ends_on"] is None:
            return
        method, begins = rule["method"], max(self.base_day(event), event["counts_from"])
        days = [
            event["ends_on"] + dt.timedelta(int(method["grace_days"]) + number * int(method["every_days"]))
            for number in range(int(method["steps"]))
        ]
        ends = min(plus_months(days[-1], int(rule["validity_months"])), self.ended_on(event, indicator, rule))
        for number, day in enumerate(days):
            points = Fraction(method["then_points"] if number else method["first_points"])
            yield share * points, max(begins, day), ends

    def restart(self, event: Row, broken_by: str) -> dt.date:
        days = [
            max(breach["occurred_on"], breach["counts_from"])
            for breach in self.events
            if breach["event_type"] == broken_by and breach["person_id"] == self.person_id
            if quarter(breach["occurred_on"]) >= quarter(event["occurred_on"])
        ]
        return min(days, default=FOREVER)

    def needed(self, event: Row, method: Row) -> Fraction:
        tables = [
            (table["occurred_on"], -table["position"], -table["event_id"], table["quantity_milli"])
            for table in self.events
            if table["event_type"] == method["table_event"] and table["level"] == self.person["village_code"]
            if table["occurred_on"] < event["occurred_on"] and table["quantity_milli"] > 0
        ]
        return Fraction(max(tables)[3], 1000) if tables else Fraction(method["needed_without_table"])

    def passed(self, event: Row, method: Row) -> Fraction:
        before = sum(
            max(other["quantity_milli"], 0)
            for other in self.events
            if other["event_type"] == event["event_type"] and other["person_id"] == self.person_id
            if self.base_day(other) == self.base_day(event) and other["event_id"] < event["event_id"]
        )
        limit, own = Fraction(method["daily_limit"]), Fraction(max(event["quantity_milli"], 0), 1000)
        return min(own, max(limit - Fraction(before, 1000), Fraction(0)))

    # --- combination and ledger --------------------------------------------------------------------------------

    def live(self, indicator: Row) -> list[Row]:
        rows = []
        deducts = indicator["direction"] == "deduction"
        for event, rule in self.of_indicator(indicator):
            reach = self.reach(event, indicator, rule)
            for spell in self.spells(event, indicator, rule, *reach) if reach else ():
                for value, begins, ends, suspended in self.cut(event, spell) if deducts else [(*spell, False)]:
                    if begins <= self.as_of < ends:
                        row = {"event": event, "value": value, "from": begins, "until": ends, "entity": reach[1]}
                        rows.append(row | {"kind": "suspended" if suspended else "point"})
        within = indicator["combine"].get("within", "indicator")
        return sorted(rows, key=lambda row: (group_of(row, within), row["from"], row["event"]["event_id"]))

    def combined(self, indicator: Row) -> list[Row]:
        rows, combine = self.live(indicator), indicator["combine"]
        if combine["kind"] == "concave":
            summed = Fraction(0)
            for row in rows:
                before, summed = summed, summed + row["value"]
                row["milli"] = thousandths(self.worth(combine, summed)) - thousandths(self.worth(combine, before))
            return rows
        for row in rows:
            row["milli"] = thousandths(row["value"])
        return self.strongest(rows, combine["within"]) if combine["kind"] == "strongest" else rows

    def strongest(self, rows: list[Row], within: str) -> list[Row]:
        groups: dict[Any, list[Row]] = {}
        for row in rows:
            groups.setdefault(group_of(row, within), []).append(row)
        for group in groups.values():
            best = max(group, key=lambda row: abs(row["milli"]))  # the first of equals
            for row in group:
                if row is not best and row["milli"]:
                    row |= {"milli": 0, "kind": "outdone"}
        return rows

    def worth(self, combine: Row, quantity: Fraction) -> Fraction:
        total, lower = Fraction(0), Fraction(0)
        for band in combine["bands"]:
            upper = quantity if band["upto"] == "null" else min(quantity, Fraction(band["upto"]))
            total += max(upper - lower, Fraction(0)) * Fraction(band["points_per_unit"])
            lower = max(lower, upper)
        return total

    def ledger(self) -> tuple[list[tuple[Any, ...]], int]:
        """Rows (kind, indicator or dimension, event id, points, from, until, entity), and the index."""
        points: list[tuple[Any, ...]] = []
        caps: list[tuple[Any, ...]] = []
        bounds: list[tuple[Any, ...]] = []
        total = thousandths(Fraction(self.edition["base_points"]))
        for dimension in self.dimensions:
            of_dimension = 0
            for indicator in dimension["indicators"]:
                rows = self.combined(indicator)
                for row in rows:
                    period = (row["from"], None if row["until"] == FOREVER else row["until"])
                    event_id = row["event"]["event_id"]
                    points.append((row["kind"], indicator["indicator"], event_id, row["milli"], *period, row["entity"]))
                plain = sum(row["milli"] for row in rows)
                capped = self.capped(plain, indicator["cap"])
                caps.append(("indicator_cap", indicator["indicator"], 0, capped - plain, None, None, 0))
                of_dimension += capped
            lowest, highest = (thousandths(Fraction(dimension[name])) for name in ("lowest", "highest"))
            bounded = min(max(of_dimension, lowest), highest)
            bounds.append(("dimension_cap", dimension["dimension"], 0, bounded - of_dimension, None, None, 0))
            total += bounded
        lowest, highest = (thousandths(Fraction(self.edition[name])) for name in ("lowest_points", "highest_points"))
        clipped = min(max(total, lowest), highest)
        rounded = (clipped + 50) // 100 * 100
        ends = [
            ("overall_clip", "", 0, clipped - total, None, None, 0),
            ("rounding", "", 0, rounded - clipped, None, None, 0),
        ]
        return points + [row for row in caps + bounds + ends if row[3]], rounded

    def capped(self, milli: int, cap: str) -> int:
        if cap == "null":
            return milli
        limit = thousandths(Fraction(cap))
        return max(milli, limit) if limit < 0 else min(milli, limit)


def told(evaluation: Evaluation, person_id: int) -> tuple[list[tuple[Any, ...]], int]:
    """The evaluation's rows in the plain reading's words."""
    row = list(evaluation.persons.person_id).index(person_id)
    table = evaluation.ledger.to_arrow().slice(
        int(evaluation.first_row[row]), int(evaluation.first_row[row + 1] - evaluation.first_row[row])
    )
    rows = [
        (
            each["kind"],
            each["indicator"] or each["dimension"],
            each["event_id"],
            each["points_milli"],
            each["from_on"],
            each["until_on"],
            each["through_entity_id"],
        )
        for each in table.to_pylist()
    ]
    return rows, int(evaluation.persons.index_milli[row])


# --- random editions ---------------------------------------------------------------------------------------------

LONGEST = {"minor": 3, "general": 12, "serious": 36}
halves = st.integers(1, 60).map(lambda half: half / 2)


@st.composite
def random_editions(draw: st.DrawFn) -> dict[str, bytes]:
    """The shipped catalogue with other numbers, other ways of combining, another reach."""
    files = {name: yaml.safe_load(content) for name, content in shipped(editions()[0]).items()}
    for name, content in files.items():
        if name == "edition.yaml":
            content["look_through_factor"] = draw(st.sampled_from([0, 0.333, 0.5, 1]))
            content["negative_limit_months"] = draw(st.sampled_from([12, 24, 60]))
        for indicator in content.get("indicators", []):
            draw_indicator(draw, indicator)
    return {name: yaml.safe_dump(content, allow_unicode=True).encode() for name, content in files.items()}


def draw_indicator(draw: st.DrawFn, indicator: Row) -> None:
    sign = -1 if indicator["direction"] == "deduction" else 1
    indicator["cap"] = draw(st.sampled_from([indicator["cap"], None, sign * draw(halves)]))
    kinds = {rule["method"]["kind"] for rule in indicator["rules"]}
    if kinds == {"quantity"}:
        indicator["combine"]["bands"] = draw_bands(draw)
    elif "streak" not in kinds:
        within = draw(st.sampled_from(["sum", "indicator", "quarter", "month"]))
        indicator["combine"] = {"kind": "sum"} if within == "sum" else {"kind": "strongest", "within": within}
    for rule in indicator["rules"]:
        draw_rule(draw, rule, sign)


def draw_bands(draw: st.DrawFn) -> list[Row]:
    uppers = sorted(draw(st.sets(st.integers(1, 200), max_size=3)))
    prices = draw(st.lists(st.integers(0, 400), min_size=len(uppers) + 1, max_size=len(uppers) + 1))
    edges = [*uppers, None]
    falling = sorted(prices, reverse=True)
    return [{"upto": edge, "points_per_unit": price / 1000} for edge, price in zip(edges, falling, strict=True)]


def draw_rule(draw: st.DrawFn, rule: Row, sign: int) -> None:
    months = rule["validity_months"]
    if months is not None:
        rule["validity_months"] = months = draw(st.integers(1, LONGEST.get(rule.get("severity", ""), 48)))
    draw_method(draw, rule["method"], sign, months)
    if "look_through" not in rule and sign < 0 and draw(st.booleans()):
        rule["look_through"] = "occurred_on"
    if sign < 0 and draw(st.integers(0, 3)) == 0:
        rule["ended_by_own"] = ["safety_course_completed"]
    if sign > 0 and "look_through" not in rule and draw(st.integers(0, 3)) == 0:
        rule["shared_with_household"] = True


def draw_method(draw: st.DrawFn, method: Row, sign: int, months: int | None) -> None:
    kind, points = method["kind"], sign * draw(halves)
    if kind in {"fixed", "streak"}:
        method["points"] = points
    if kind == "fixed" and months is not None:
        method["fade_months"] = draw(st.integers(0, min(6, months)))
    elif kind == "per_unit":
        method |= {"points_per_unit": points, "quantity_max": draw(st.integers(1, 5))}
    elif kind == "ordinal":
        steps = sorted(draw(st.lists(halves, min_size=1, max_size=4)))
        method |= {"ladder": [sign * step for step in steps], "window_months": draw(st.integers(1, 36))}
    elif kind == "escalation":
        method |= {"first_points": points, "then_points": sign * draw(halves), "grace_days": draw(st.integers(0, 20))}
        method |= {"every_days": draw(st.integers(1, 40)), "steps": draw(st.integers(1, 7))}
    elif kind == "converted":
        method["needed_without_table"] = draw(st.integers(1, 300))
    elif kind == "quantity":
        method["daily_limit"] = draw(halves)


# --- random histories --------------------------------------------------------------------------------------------

LEVELS = {
    "administrative_penalty": ["general", "serious"],
    "maritime_violation": ["general", "serious"],
    "commitment_broken": ["unfulfilled", "false"],
    "malicious_ring": ["organiser", "defaulter", "member"],
    "civil_honour": ["district", "city", "province", "nation", "family_city"],
    "bravery": ["district", "city", "province"],
    "clean_quarter": ["water", "village"],
    "neighborhood_conversion": ["V001", "V002"],
}
HOUSEHOLD = {"hygiene_inspection", "compact_review"}
ENTITY = {"administrative_penalty", "maritime_violation", "hazard_overdue", "commitment_broken", "civil_honour"}
ENDINGS = {"hazard_fixed", "commitment_fulfilled", "debtor_delisted", "revocation", "restoration"}
ENDINGS |= {"appeal_opened", "appeal_closed"}
KINDS = sorted(scoring.EVENT_TYPES)

# Kinds that work upon each other; a history dwells on one family or mixes everything.
FAMILIES = [
    ["ebike_violation", "ebike_violation", "safety_course_completed", "revocation"],
    ["maritime_violation", "maritime_violation", "restoration", "revocation"],
    ["hazard_overdue", "hazard_fixed", "restoration"],
    ["commitment_broken", "commitment_fulfilled", "debtor_listed", "debtor_delisted", "administrative_penalty"],
    ["clean_quarter", "clean_quarter", "breached_quarter", "revocation"],
    ["hygiene_inspection", "compact_review", "mutual_aid", "civil_honour"],
    ["neighborhood_points", "neighborhood_conversion"],
    ["volunteering"],
    ["ebike_violation", "appeal_opened", "appeal_opened", "appeal_closed", "revocation"],
    ["maritime_violation", "hazard_overdue", "appeal_opened", "appeal_closed", "restoration"],
    KINDS,
]

# Month ends and a leap day come up often: that is where months go wrong.
anchors = st.one_of(
    st.sampled_from([dt.date(2024, 2, 29), dt.date(2024, 3, 31), dt.date(2024, 5, 31), dt.date(2024, 11, 30)]),
    st.dates(dt.date(2024, 1, 1), dt.date(2025, 12, 31)),
)
gaps = st.one_of(st.sampled_from([0, 0, 1, 7, 30]), st.integers(0, 60)).map(dt.timedelta)
quantities = st.sampled_from([0, 500, 1000, 2000, 3333, 8000, 9000, 45000, 130000])


@st.composite
def near(draw: st.DrawFn, anchor: dt.date) -> dt.date:
    """A whole number of months before the anchor, or a day beside that, or some close day."""
    back = draw(st.sampled_from([0, 0, 1, 2, 3, 3, 6, 9, 12, 12, 24, 25, 36, 60]))
    return plus_months(anchor, -back) + dt.timedelta(draw(st.sampled_from([0, 0, 0, -1, 1, -10, -40])))


@st.composite
def event_columns(draw: st.DrawFn, count: int, kinds: list[str], anchor: dt.date) -> tuple[str, dt.date, Row]:
    kind, on = draw(st.sampled_from(kinds)), draw(near(anchor))
    columns: Row = {"level": draw(st.sampled_from(LEVELS.get(kind, [""]))), "quantity_milli": draw(quantities)}
    columns["effective_from"] = draw(st.one_of(st.none(), gaps.map(lambda gap: on + gap)))
    columns["counts_from"] = (columns["effective_from"] or on) + draw(st.sampled_from([0, 0, 30])) * dt.timedelta(1)
    columns["ends_on"] = draw(st.one_of(st.none(), gaps.map(lambda gap: on + gap)))
    columns["position"] = draw(st.sampled_from([1, 1, 2, 3]))
    if draw(st.integers(0, 9)) == 0:
        columns |= draw(st.sampled_from([{"document_class": "便条"}, {"catalogue_item": "DEMO-9"}]))
    if kind in ENDINGS or draw(st.integers(0, 7)) == 0:
        columns["about_event_id"] = draw(st.integers(0, count))
    if kind in HOUSEHOLD:
        columns["household_id"] = draw(st.integers(7, 8))
    elif kind in ENTITY and draw(st.booleans()):
        columns["entity_id"] = draw(st.integers(50, 51))
    elif kind != "neighborhood_conversion":
        columns["person_id"] = draw(st.sampled_from([1, 1, 2]))
    return kind, on, columns


@st.composite
def periods(draw: st.DrawFn, anchor: dt.date) -> Row:
    """Mostly long open, so that most events arrive somewhere; else begun and ended close to what happens."""
    if draw(st.booleans()):
        return {}
    from_on = draw(near(anchor))
    until_on = draw(st.one_of(st.none(), near(anchor)))
    return {"from_on": from_on, "until_on": until_on if until_on and until_on > from_on else None}


@st.composite
def histories(draw: st.DrawFn, new_history: Any, anchor: dt.date, most: int = 16) -> Any:
    history = new_history().person(1)
    history.person(2, sources=["volunteering", "village_compact"], village_code="V002", birth_on=dt.date(2005, 2, 28))
    for source in ("volunteering", "household_hygiene", "self_discipline"):
        history.consent(2, source, **draw(periods(anchor)))
    for household_id, person_id in ((7, 1), (7, 2), (8, 2)):
        history.member(household_id, person_id, **draw(periods(anchor)))
    for entity_id, person_id in ((50, 1), (50, 2), (51, 1)):
        history.represents(entity_id, person_id, **draw(periods(anchor)))
    kinds = draw(st.sampled_from(FAMILIES))
    count = draw(st.integers(0, most))
    for number in draw(st.permutations(range(1, count + 1))):
        kind, on, columns = draw(event_columns(count, kinds, anchor))
        history.event(kind, on, **(columns | {"event_id": number}))
    return history


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
shipped_book = cache(load_rulebook)


def readings_agree(data: st.DataObject, book: Rulebook, files: Mapping[str, bytes], new_history: Any) -> None:
    anchor, position = data.draw(anchors), data.draw(st.sampled_from([1, 2, 3, 3]))
    history = data.draw(histories(new_history, anchor))
    as_of = anchor + data.draw(gaps)
    evaluation = history.on(as_of, book, position)
    readings = {number: PlainReading(files, history, number, as_of, position) for number in (1, 2)}
    assert list(evaluation.persons.person_id) == [number for number, reading in readings.items() if reading.person]
    for number in evaluation.persons.person_id.tolist():
        assert told(evaluation, number) == readings[number].ledger()


@settings(patient, max_examples=250 * TIMES)
@given(data=st.data(), edition=st.sampled_from(editions()))
def test_a_plain_reading_of_the_yaml_gives_every_row_the_same(
    data: st.DataObject, edition: str, new_history: Any
) -> None:
    readings_agree(data, shipped_book(edition), shipped(edition), new_history)


@settings(patient, max_examples=25 * TIMES)
@given(data=st.data())
def test_the_readings_agree_on_editions_nobody_wrote(data: st.DataObject, new_history: Any) -> None:
    files = data.draw(random_editions())
    try:
        book = load_rulebook_files(files)
    except RulebookValueError:  # a third of them break a rule for rulebooks, and are told so
        reject()
    readings_agree(data, book, files, new_history)


def test_the_two_readings_agree_on_when_next_to_look(rulebook: Rulebook, new_history: Any) -> None:
    history = new_history().person()
    history.event("administrative_penalty", dt.date(2025, 1, 31), level="general", counts_from=dt.date(2025, 3, 2))
    pending = history.on(dt.date(2025, 2, 1), rulebook).persons
    counting = history.on(dt.date(2025, 3, 2), rulebook).persons
    assert date_of(int(pending.next_change_on[0])) == dt.date(2025, 3, 2)
    assert date_of(int(counting.next_change_on[0])) == dt.date(2026, 1, 31)

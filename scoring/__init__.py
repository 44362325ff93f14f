"""Events x rulebook -> points ledger -> civility index: pure, exact, dated.

Part of the flow
    The district's intake turns agency files into *events*; this package turns events into every enrolled adult's
    *points ledger* and *civility index* on a day; certificates, explanations and statistics read its columns. It
    opens no file but rulebooks (`loader`), knows no clock and no database, and gives equal bytes for equal inputs.

    frames -> known_history -> reached -> deeds -> spells | -> kernel -> ledger -> CivilityIndices, LedgerRows
    (columns)  (history)       (reach)   (deeds)  (methods)  (standing)           (evaluation)
    `fold`: once per history, whatever the day            | `evaluated`: any day, any persons, in one pass

    What is left of the bar depends on the day only through who has an index and which sources they let us read. So a
    history is folded once and asked about any number of days; a later day concerns only those whose next change has
    come (`standing.rolled`). A change of anything left of the bar is a new fold, of the persons it reaches alone.

Semantics (edition `rulebooks/<edition>/*.yaml`; every number is data there)

Days and periods. Days are calendar days in Asia/Shanghai. Periods `[from, until)` hold their first day and not
their last. Adding calendar months keeps the day of the month, or takes the month's last day where it is missing.
The *base day* of an event is `effective_from` (a decision took legal effect), else `occurred_on`.

Who has an index. A person with an enrolment live on `as_of`, at least 18 that day (clamped: born 29 February 2008,
of age 28 February 2026), not dead (the day of death already counts as dead). Nobody else has a row. Nothing done
before a person came of age is ever read, neither good nor bad.

Which events exist. Those with `position <= known_position`, without the revoked and the corrected ones.
  - A `revocation` points at an event, which then never happened: for no `as_of`, past or future, and ordinals are
    counted anew. A revocation itself cannot be revoked.
  - A *correction* is an event that points at an event of its own kind: the older one never happened, the new one
    counts by its own days. Corrections of one event, of its corrections and so on are one tree; of the tree only the
    correction sealed last (then the higher event id) stands. Pointing in a circle corrects nothing. A correction of an
    event that pointed at another one points there as well: a corrected repair still repairs.
  - Whatever points at a member of such a tree points at the one that stands; a revocation only if that was sealed no
    later than itself (else the correction is the newer word and stays).
An event falls under the one rule that names its type and level; without a rule it carries nothing. A deduction whose
document class or catalogue item is not one its rule lists carries nothing (note `no_document`).

Whom an event reaches.
  - The person it names, with all its points.
  - If it names only an entity and its rule looks through: the legal representative in office on the event's day
    (`occurred_on`; for overdue hazards the deadline, the day the duty was broken), with the edition's factor, for
    awards and deductions alike. Several in office: the one appointed last, among equals the lower person id (note).
    Nobody in office: nobody (note). The row keeps both ids. An event that names a person and an entity is the
    person's alone.
  - If its rule is shared: every member of the household on `occurred_on` (the household it names, else the named
    person's). Awards only; each person once.
  - Consent-based rules (class C) reach only persons whose consent for the rule's source is live on `as_of`; sources
    that ride on enrolment need no more than the enrolment.

When it counts. From the base day or the end of the pre-notice (`counts_from`), whichever is later, until the first
of: base day plus the rule's validity; the base day of an event that ends it (`restoration` ends any deduction,
`hazard_fixed`, `commitment_fulfilled`, `debtor_delisted` where the rule says so) pointing at it; the base day of
the person's first safety course done on or after the deed; for deductions the base day plus the edition's legal
limit. An ending works the same day. It ends, it does not undo: for an `as_of` before it the deduction stands.

While an appeal is open. `appeal_opened` points at a deduction (level `not_representative`: 'I was representative in
name only, or had left'); from its base day until the base day of the first `appeal_closed` that points at the appeal
the deduction is suspended: its spells are cut there, and what lies between is a row of kind `suspended` worth 0.
Several appeals about one event suspend it together. An appeal that is upheld leads to a revocation, correction or
restoration besides; one that is withdrawn is revoked and never suspended anything. Awards know no appeal.

Methods. Each compiles an event into *spells* `(person, rule, event, from, until, value)`; values are whole
thousandths of a point, rounded once per spell, halves away from zero.
  - `fixed`: the rule's points times the reach factor. With `fade_months` F: during month k = 0..F-1 of the last F
    months of validity, (F - k) / F of them; so full value through the first fading month, one F-th less each month,
    0 at expiry.
  - `per_unit`: price times quantity (at most `quantity_max`) times factor.
  - `ordinal`: step n of the ladder (the last for all later ones). n is 1 plus the number of priors: deeds of the
    same person, same entity looked through (or none), same indicator, whose `occurred_on` lies in `(day - window,
    day]`, where day is the deed's `occurred_on`, that come first by (day, smaller first step, event id), and that
    were counting on that day by the two paragraphs above. So a prior still in its pre-notice, suspended, or repaired
    on or before the day, is none; a repair or an appeal afterwards changes no ordinal, a revocation does. Being a
    repeat is judged by what stood on the day of the deed.
  - `escalation`: step k = 0..steps-1 begins `grace_days + k * every_days` after the deadline (`ends_on`); its first
    step is worth `first_points`, each further one `then_points`; all steps end together: when mended, or validity
    after the last step. Without a deadline nothing (note `no_deadline`).
  - `streak`: a statement that a quarter was clean is worth `points` from that quarter's last day until the first
    breach of that or a later quarter takes effect (its day, or the end of its notice). So a quarter is clean if one
    statement says so and none says breached, a quarter without statement only pauses the run, a breach restarts it
    at zero.
  - `converted`: quantity divided by what the village's latest conversion table *before* the event's day asks for
    one point (the previous closed quarter's table); no such table: the rule's `needed_without_table`. Of two tables
    for one village and day the one sealed first stands.
  - `quantity`: no points; of one base day's quantity at most `daily_limit` passes, in order of event id.

Combination of the spells live on `as_of`, per person and indicator, by three reducers:
  - `sum`: every row keeps its points.
  - `strongest` within a group: the row of largest current magnitude keeps its points (ties: earliest first day, then
    lower event id), the others stand in the ledger with 0 (as kind `outdone`, if they had points). The group is the
    whole indicator, or each calendar quarter or month of `occurred_on`.
  - `concave`: rows in order (first day, event id) get round(F(before + q)) - round(F(before)), F piecewise linear,
    so they telescope to round(F(all)).

Ledger. Point rows ordered by (indicator, group, first day, event id, step), one per live spell, zero or not; then
adjusting rows where they change something: `indicator_cap`, `dimension_cap`, `overall_clip`, `rounding` (to 0.1,
halves away from zero). `base + sum(rows) == civility index`, exactly, in thousandths. Grades read the rounded index.

Consequences that tests prove: removing a deduction or adding an award never lowers an index (conversion tables
fixed); opening an appeal never does either; row order, slices and threads never matter; evaluating some of the persons
gives the rows evaluating all of them gives; rolling from day to day gives what evaluating the last day gives; no
award of another person and no event of another household moves an index; a second reading of the same YAML in plain
Python, written from this page alone, agrees on random editions and histories.
"""

from scoring.columns import TextColumn
from scoring.dated import NO_DAY, date_of, day_number
from scoring.errors import (
    ColumnMissingError,
    ColumnNullError,
    ColumnTypeError,
    DuplicateKeyError,
    Finding,
    FrameError,
    PersonWithoutIndexError,
    RulebookError,
    RulebookMissingError,
    RulebookValueError,
    ScoringError,
)
from scoring.evaluation import CivilityIndices, Evaluation, evaluate, evaluated
from scoring.explain import (
    DimensionPart,
    Expiry,
    Explanation,
    IndicatorPart,
    PointEntry,
    explain_person,
)
from scoring.folding import Folded, fold, warm_kernels
from scoring.frames import (
    EVENT_TYPES,
    Events,
    HistoryFrames,
    Memberships,
    Persons,
    Representatives,
    SourceConsents,
)
from scoring.ledger import ADJUSTING_KINDS, ROW_KINDS, LedgerRows
from scoring.loader import load_rulebook, load_rulebook_folder
from scoring.notes import NOTE_KINDS, Notes
from scoring.rulebook import Dimension, Edition, Grade, Indicator, Name, Rule, Rulebook, Sentence

__all__ = [
    "ADJUSTING_KINDS",
    "EVENT_TYPES",
    "NOTE_KINDS",
    "NO_DAY",
    "ROW_KINDS",
    "CivilityIndices",
    "ColumnMissingError",
    "ColumnNullError",
    "ColumnTypeError",
    "Dimension",
    "DimensionPart",
    "DuplicateKeyError",
    "Edition",
    "Evaluation",
    "Events",
    "Expiry",
    "Explanation",
    "Finding",
    "Folded",
    "FrameError",
    "Grade",
    "HistoryFrames",
    "Indicator",
    "IndicatorPart",
    "LedgerRows",
    "Memberships",
    "Name",
    "Notes",
    "PersonWithoutIndexError",
    "Persons",
    "PointEntry",
    "Representatives",
    "Rule",
    "Rulebook",
    "RulebookError",
    "RulebookMissingError",
    "RulebookValueError",
    "ScoringError",
    "Sentence",
    "SourceConsents",
    "TextColumn",
    "date_of",
    "day_number",
    "evaluate",
    "evaluated",
    "explain_person",
    "fold",
    "load_rulebook",
    "load_rulebook_folder",
    "warm_kernels",
]

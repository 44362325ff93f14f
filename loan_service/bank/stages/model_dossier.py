"""A version's dossier: its facts from the registered version alone, its pages from the facts, and the check of both."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import unified_diff
from itertools import islice
from typing import TYPE_CHECKING, Final

from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.bank.store.model_papers import DOSSIER, Paper, append_paper, papers_of
from loan_service.bank.views.dossier import papers_of_version
from loan_service.bank.views.policies import policy_in_force
from loan_service.errors import NotFoundError, RefusedError
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.dossier import Case, Difference, DossierFacts, differences, facts_of
from models.errors import UnknownModelVersionError
from models.scorecard import Scorecard

if TYPE_CHECKING:
    from models.registry import Registry

FACTS_FILE: Final = "dossier/facts.json"
EVIDENCE_FILE: Final = "evidence.json"
EXPERT: Final = "expert"
REFERENCE_DIGITS: Final = 16
_PAGE_LINES_TOLD: Final = 12
_LINE_CHARACTERS: Final = 200


@dataclass(frozen=True)
class Check:
    """What a comparison of a stored dossier with the registered version gave.

    Attributes:
        figures: figures compared.
        differences: figures that are not the same.
        filed: whether the stored facts are those whose digest the ledger holds.
        page_lines: lines of the page that the facts do not give; empty when it is the page of its facts, or when no
            page was given.
    """

    figures: int
    differences: tuple[Difference, ...]
    filed: bool
    page_lines: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences and self.filed and not self.page_lines


def make_dossier(wing: Wing, registry: "Registry", stamp: str, by: str, today: date) -> Paper:
    """Computes every fact anew, keeps them with the registered version, and files the paper.

    The registry comes first: killed in between, repeating files the paper.

    Raises:
        NotFoundError: there is no such version.
        RefusedError: the bank has no matured loans to test the version on.
    """
    facts = current_facts(wing, registry, stamp, today)
    return file_dossier(wing, registry, stamp, facts, by)


def current_facts(wing: Wing, registry: "Registry", stamp: str, today: date) -> DossierFacts:
    """The facts of a version as everything stands now; errors as for `make_dossier`."""
    with transaction(wing.engine) as connection:
        card = _card(connection, stamp)
        around = _Around(_holder_of_rows(connection, card).stamp, _companion(connection, card), None)
        case = _case(connection, registry, card, around, today, demo=wing.settings.demo)
    return facts_of(case)


def file_dossier(wing: Wing, registry: "Registry", stamp: str, facts: DossierFacts, by: str) -> Paper:
    """Keeps facts with the registered version and their digest in the ledger."""
    name, _, version = stamp.rpartition("/")
    registry.attach(name, version, {FACTS_FILE: facts.text.encode()})
    dated_on = date.fromisoformat(facts.tree["identity"]["dated_on"])
    paper = Paper(name, version, DOSSIER, facts.sha256[:REFERENCE_DIGITS], facts.sha256, by, dated_on)
    with transaction(wing.engine) as connection:
        append_paper(connection, paper)
    return paper


def stored_facts(registry: "Registry", stamp: str) -> str:
    """The text of the newest facts kept with a version.

    Raises:
        NotFoundError: the version has no dossier.
    """
    name, _, version = stamp.rpartition("/")
    try:
        return registry.read(name, version, FACTS_FILE).decode()
    except UnknownModelVersionError as error:
        raise NotFoundError(
            "model.no_dossier", f"{stamp} has no dossier", f"{stamp} 尚无档案", f"haixia model dossier {stamp}"
        ) from error


def check_dossier(wing: Wing, registry: "Registry", stamp: str, text: str, page: bytes | None = None) -> Check:
    """Regenerates every figure from the registered version, as of the stored dossier's day and leaf, and compares.

    Args:
        wing: the bank wing.
        registry: holds the version's card, rows and evidence.
        stamp: such as `island_rural.baseline/3`.
        text: the stored facts.
        page: the stored page, if it is to be held against the facts too.

    Raises:
        NotFoundError: there is no such version.
        RefusedError: the text is no dossier of this version.
    """
    stored = _read(text, stamp)
    told = stored.tree["identity"]
    around = _Around(told["rows_of"], told["companion"], int(told["position"]))
    with transaction(wing.engine) as connection:
        card, day = _card(connection, stamp), date.fromisoformat(told["dated_on"])
        case = _case(connection, registry, card, around, day, demo=bool(told["demo"]))
        filed = _is_filed(connection, stamp, text)
    count, found = differences(stored.tree, facts_of(case).tree)
    return Check(count, tuple(found), filed, _strange_lines(stored, page) if page is not None else ())


def _read(text: str, stamp: str) -> DossierFacts:
    try:
        facts = DossierFacts.from_text(text)
        told = facts.tree["identity"]
        if f"{told['model_name']}/{told['model_version']}" == stamp:
            return facts
    except (ValueError, KeyError, TypeError) as error:
        raise _no_dossier(stamp) from error
    raise _no_dossier(stamp)


def _no_dossier(stamp: str) -> RefusedError:
    return RefusedError(
        "model.dossier_text",
        f"the text is no dossier of {stamp}",
        f"该文件不是 {stamp} 的档案",
        "give the facts.json or dossier.html that `haixia model dossier` wrote for this version",
    )


def _is_filed(connection: Connection, stamp: str, text: str) -> bool:
    """Whether the ledger holds the digest of exactly these bytes."""
    name, _, version = stamp.rpartition("/")
    digest = hashlib.sha256(text.encode()).hexdigest()
    return any(one.paper == DOSSIER and one.sha256 == digest for one in papers_of(connection, name, version))


def _strange_lines(facts: DossierFacts, page: bytes) -> tuple[str, ...]:
    """Lines of a page that its own facts do not give, and lines they give that it lacks; the first few."""
    from models.dossier.render import render

    wanted = render(facts)
    if wanted == page:
        return ()
    given, found = (one.decode(errors="replace").splitlines() for one in (wanted, page))
    return tuple(islice(_changed(unified_diff(given, found, lineterm="", n=0)), _PAGE_LINES_TOLD))


def _changed(diff: Iterable[str]) -> Iterable[str]:
    for line in diff:
        if line[:1] in "+-" and line[:3] not in ("+++", "---"):
            yield line[:_LINE_CHARACTERS]


@dataclass(frozen=True)
class _Around:
    """What stood beside a version when its dossier was made, so that a check finds the same again.

    Attributes:
        rows_of: stamp of the version whose rows it is held against.
        companion: stamp of the card of the other kind; empty: none.
        leaf_id: the last leaf that was told; None: all until now.
    """

    rows_of: str
    companion: str
    leaf_id: int | None


def _case(
    connection: Connection, registry: "Registry", card: ModelCard, around: _Around, day: date, *, demo: bool
) -> Case:
    """Everything a version's dossier is made from, as it stood on a day."""
    from models.registered_samples import registered_sample

    holder, _, number = around.rows_of.rpartition("/")
    evidence = json.loads(registry.read(card.model_name, card.model_version, EVIDENCE_FILE))
    companion = Scorecard.from_json(_card(connection, around.companion).scorecard) if around.companion else None
    return Case(
        card=Scorecard.from_json(card.scorecard),
        sample=registered_sample(registry, holder, number, card.kind),
        papers=papers_of_version(connection, card, day, demo=demo, evidence=evidence, leaf_id=around.leaf_id),
        edition=policy_in_force(connection, card.bank_code, day),
        companion=companion,
        rows_of=around.rows_of,
        companion_stamp=around.companion,
    )


def _card(connection: Connection, stamp: str) -> ModelCard:
    name, _, version = stamp.rpartition("/")
    card = ledger.card_of(connection, name, version)
    if card is None:
        raise NotFoundError("model.unknown", f"no model version {stamp}", f"没有模型版本 {stamp}")
    return card


def _holder_of_rows(connection: Connection, card: ModelCard) -> ModelCard:
    """The version whose rows the card is held against: its own, for an expert card the bank's newest of its model."""
    if card.method != EXPERT:
        return card
    known = [one for one in ledger.cards(connection, card.bank_code) if one.model_name == card.model_name]
    trained = [one for one in known if one.method != EXPERT]
    if not trained:
        raise RefusedError(
            "model.no_rows",
            f"{card.bank_code} has no matured loans to test {card.stamp} on",
            f"{card.bank_code} 尚无到期贷款可供检验 {card.stamp}",
            "train a model of this bank first; an expert card is tested on its rows",
        )
    return trained[-1]


def _companion(connection: Connection, card: ModelCard) -> str:
    """The stamp of the card of the other kind that learned from the same file; empty: there is none."""
    if not card.data_sha256:
        return ""
    others = ledger.trained_on(connection, card.bank_code, card.data_sha256)
    return next((one.stamp for kind, one in others.items() if kind != card.kind), "")

"""What another policy would do to a bank's households: both price them on one day by the live baseline model."""

from dataclasses import dataclass
from datetime import date

from loan_service.bank.store.households import offer_inputs
from loan_service.bank.store.promotions import live
from loan_service.bank.views.offer_inputs import without_grades
from loan_service.bank.views.pricing import price
from loan_service.errors import RefusedError
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import to_json
from loan_service.settings import Settings
from models.day_policy import policy_on
from models.policy_comparison import PolicyComparison, compare_policies
from models.policy_loader import PolicyEdition
from models.terms_fairness_levels import terms_fairness_levels_on


@dataclass(frozen=True)
class ComparedEditions:
    """A comparison and what it compares: editions by their content, the day, the LPR, the model."""

    bank_code: str
    old: PolicyEdition
    new: PolicyEdition
    as_of: date
    priced_on: date
    model_version: str
    comparison: PolicyComparison

    def to_json(self) -> bytes:
        """The impact assessment an approver reads."""
        return to_json(
            {
                "kind": "policy_comparison",
                "bank_code": self.bank_code,
                "old_edition": self.old.policy.edition,
                "old_hash": self.old.content_hash,
                "new_edition": self.new.policy.edition,
                "new_hash": self.new.content_hash,
                "lpr_hash": self.new.lpr_hash,
                "as_of": self.as_of,
                "priced_on": self.priced_on,
                "model_version": self.model_version,
                **self.comparison.to_content(),
            }
        ).encode()


def compared(
    connection: Connection,
    settings: Settings,
    old: PolicyEdition,
    new: PolicyEdition,
    as_of: date,
    known_position: int,
) -> ComparedEditions:
    """Both policies over the bank's households as known on a day, priced on the day the new one could take force.

    Args:
        connection: an open transaction of the bank wing.
        settings: say whether certificates count at all.
        old: the policy that stands; it prices by the LPR table of the new one, so that only policies differ.
        new: the policy to come.
        as_of: the day whose households and certificates are taken.
        known_position: sealed position up to which rows are known.

    Raises:
        RefusedError: the bank has no live baseline model (`model.none_live`).
    """
    bank_code, priced_on = new.policy.bank_code, max(as_of, new.policy.effective_from)
    promotions = {kind: one for kind, one in live(connection, bank_code, as_of).items() if kind == "baseline"}
    if not promotions:
        raise RefusedError(
            "model.none_live",
            f"{bank_code} has no live baseline model, so nothing can be compared",
            f"{bank_code} 没有在用的基础模型，无法比较",
            "train and promote one (haixia model train)",
        )
    inputs = offer_inputs(connection, bank_code, as_of, known_position)
    inputs = inputs if settings.civility_input else without_grades(inputs)
    # Only who is worse off by the new policy is told a reason, and it is the new policy's.
    before = price(inputs, promotions, _with_lpr_of(old, new), policy_on(old.policy, new.lpr, priced_on), reasons=False)
    after = price(inputs, promotions, new, policy_on(new.policy, new.lpr, priced_on))
    comparison = compare_policies(
        before.offers,
        after.offers,
        before.default_probability,
        {"sector": inputs["sector"].to_pylist(), "village": inputs["village_code"].to_pylist()},
        terms_fairness_levels_on(priced_on),
        reference_bp=new.lpr.rate_bp("one_year", priced_on),
    )
    return ComparedEditions(bank_code, old, new, as_of, priced_on, promotions["baseline"].version, comparison)


def _with_lpr_of(old: PolicyEdition, new: PolicyEdition) -> PolicyEdition:
    return PolicyEdition(old.policy, new.lpr, old.content_hash, new.lpr_hash, old.edition_id)

"""Why a policy edition is refused where no other kind of edition would be."""

import json
from collections.abc import Mapping

from bank_adapters import CODECS
from loan_service.bank.store.policy_editions import Published
from loan_service.errors import RefusedError
from loan_service.foundation.editions.ledger import Assessment
from loan_service.foundation.wing import Wing
from models.gates import GateResult, failed, undecided


def require_known_bank(_wing: Wing, published: Published) -> None:
    """A policy for a bank nobody knows would never price anything: most likely its name is misspelt."""
    if published.bank_code not in CODECS:
        raise RefusedError(
            "policy.unknown_bank",
            f"{published.edition} is for {published.bank_code!r}; no such bank is registered",
            f"{published.edition} 所属银行 {published.bank_code!r} 未登记",
            f"`bank_code` is one of {', '.join(sorted(CODECS))}",
        )


def require_passed_gates(
    published: Published, assessment: Assessment, accepted: Mapping[str, object]
) -> Mapping[str, object]:
    """Those who stay outside never pay for the programme: a policy whose gate fails is approved by nobody.

    What a gate leaves undecided the approver accepts in writing; the reasons are kept with the approval.
    """
    told = json.loads(assessment.document)
    gates = [GateResult.from_content(one) for one in told.get("gates", ())]
    broken = failed(gates)
    if broken:
        why = "; ".join(f"{gate.name}: {gate.told_en}" for gate in broken)
        raise RefusedError(
            "policy.gate_failed",
            f"{published.edition} fails {len(broken)} gate(s): {why}",
            f"{published.edition} 未通过门槛：" + "；".join(gate.told_zh for gate in broken),
            "change the policy and publish it under a new name; `haixia policy compare` shows the gate before",
        )
    names = {gate.name for gate in undecided(gates)}
    missing = sorted(name for name in names if not str(accepted.get(name, "")).strip())
    if missing:
        raise RefusedError(
            "policy.gate_undecided",
            f"{published.edition} leaves undecided: {', '.join(missing)}",
            f"{published.edition} 有未定门槛：{'、'.join(missing)}",
            f"read `haixia policy assessment`, then accept in writing: --accept {missing[0]}='why'",
        )
    return {"accepted": {name: str(accepted[name]).strip() for name in sorted(names)}}

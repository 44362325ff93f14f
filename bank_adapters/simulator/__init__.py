"""A bank that can sign, refuse, stall and repeat itself, as two pure functions over a value.

`handle` takes a batch, `advance` lets days pass in which households act on their intentions; both return a `Step` with
the bank afterwards, its answers and its new feed entries. Same inputs, same outputs, to the id. Nothing here reads a
file, a clock or a generator: storage is `bank_adapters.simulator_journal`, HTTP is the application's.
"""

from bank_adapters.simulator.households import advance
from bank_adapters.simulator.intentions import (
    Intention,
    Intentions,
    IntentionsUnreadable,
    PlannedArrears,
    PlannedDraw,
    PlannedRepayment,
    parse_intentions,
)
from bank_adapters.simulator.requests import handle
from bank_adapters.simulator.state import BankState, Contract, FaultProfile, Habits, LoanNote, Step

__all__ = [
    "BankState",
    "Contract",
    "FaultProfile",
    "Habits",
    "Intention",
    "Intentions",
    "IntentionsUnreadable",
    "LoanNote",
    "PlannedArrears",
    "PlannedDraw",
    "PlannedRepayment",
    "Step",
    "advance",
    "handle",
    "parse_intentions",
]

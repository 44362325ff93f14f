"""The files a bank delivers: declared column by column, read as text, checked row by row; pure but for the one read.

`declared` lists the contracts, `reading` finds the rows, `checks` finds their faults, `faults` words them, `typed`
turns what is left into columns of numbers and days.
"""

from loan_service.bank.files.checks import Checked, check
from loan_service.bank.files.declared import HOUSEHOLD_CHANGES, HOUSEHOLDS, PAST_LOANS
from loan_service.bank.files.faults import BankFileError, Fault
from loan_service.bank.files.fields import Contract, Field
from loan_service.bank.files.reading import Texts, day_of, read_texts
from loan_service.bank.files.typed import typed

__all__ = [
    "HOUSEHOLDS",
    "HOUSEHOLD_CHANGES",
    "PAST_LOANS",
    "BankFileError",
    "Checked",
    "Contract",
    "Fault",
    "Field",
    "Texts",
    "check",
    "day_of",
    "read_texts",
    "typed",
]

"""What the bank's doors share: which bank is asked."""

from typing import Annotated, Final

from fastapi import Path
from pydantic import AfterValidator

from bank_adapters import CODECS
from loan_service.errors import NotFoundError

HOUSEHOLD_REF: Final = r"^[^\s\p{C}]{1,64}$"
"""A bank's own key of a household: anything printable."""


def known_bank(bank_code: str) -> str:
    """The bank of the address.

    Raises:
        NotFoundError: no bank is registered under this code (`bank.unknown`).
    """
    if bank_code not in CODECS:
        raise NotFoundError("bank.unknown", "no bank is registered under this code", "没有登记的银行")
    return bank_code


KnownBank = Annotated[
    str,
    Path(max_length=32, description="which bank", examples=["island_rural"]),
    AfterValidator(known_bank),
]

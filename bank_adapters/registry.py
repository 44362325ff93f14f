"""Every bank we can talk to: a new bank is one file in `banks/`, one line here and its policy."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bank_adapters.banks import coast_village, harbour_city, island_rural
from bank_adapters.errors import UnknownBank
from bank_adapters.port import Codec

CODECS: Final[Mapping[str, Codec]] = MappingProxyType(
    {
        "island_rural": island_rural.CODEC,
        "harbour_city": harbour_city.CODEC,
        "coast_village": coast_village.CODEC,
    }
)


def codec_of(bank_code: str) -> Codec:
    """Find a bank's codec.

    Raises:
        UnknownBank: No bank is registered under this code.
    """
    codec = CODECS.get(bank_code)
    if codec is None:
        raise UnknownBank(bank_code, tuple(CODECS))
    return codec

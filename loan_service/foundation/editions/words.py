"""The words in which a kind of edition is spoken of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """What refusals say.

    Attributes:
        code: begins the codes of refusals, such as `rulebook`.
        english: such as `rulebook`.
        chinese: such as 计分办法.
    """

    code: str
    english: str
    chinese: str

    @property
    def command(self) -> str:
        """The command line's word for it, such as `haixia rulebook`."""
        return f"haixia {self.code}"

"""The three ways a conversation with a bank goes wrong, named by what the caller does next.

    BankError
      Unreachable        retry: the network or the bank is down; the work may or may not have been done
      Rejected           final: the bank read the whole call and refuses it; sending it again changes nothing
      ProtocolViolation  call us: one side does not speak the agreed dialect; a person has to look

One refused item inside an understood batch is none of these: it is a value (`ItemResult`), not an exception.
Messages carry places and sizes, never the values found there: a bank's bytes may hold household data.
"""


class BankError(Exception):
    """Something between us and a bank failed.

    Attributes:
        bank_code: The bank concerned.
        zh: What happened, in Chinese.
        en: The same in English.
    """

    def __init__(self, bank_code: str, *, zh: str, en: str) -> None:
        super().__init__(f"{bank_code}: {zh} / {en}")
        self.bank_code = bank_code
        self.zh = zh
        self.en = en


class Unreachable(BankError):  # noqa: N818 - the name is the instruction: not reached, try again
    """No usable answer came; send the same bytes again later, the keys make that harmless.

    Attributes:
        retry_after_seconds: The bank's own wish, if it stated one.
    """

    def __init__(self, bank_code: str, *, zh: str, en: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(bank_code, zh=zh, en=en)
        self.retry_after_seconds = retry_after_seconds


class Rejected(BankError):  # noqa: N818 - the name is the outcome: refused for good
    """The bank understood the whole call and refuses it for good.

    Attributes:
        code: The bank's status or reason, for the log.
    """

    def __init__(self, bank_code: str, *, zh: str, en: str, code: str) -> None:
        super().__init__(bank_code, zh=zh, en=en)
        self.code = code


class ProtocolViolation(BankError):  # noqa: N818 - the name is the finding: the dialect was broken
    """Bytes, order or business day do not follow the agreed dialect; retrying cannot help.

    Attributes:
        place: Where in the message (a path such as `items[3].limit`), or empty.
    """

    def __init__(self, bank_code: str, *, zh: str, en: str, place: str = "") -> None:
        super().__init__(bank_code, zh=f"{zh}（{place}）" if place else zh, en=f"{en} (at {place})" if place else en)
        self.place = place


class UnknownBank(LookupError):  # noqa: N818 - reads as what it is where it is raised
    """No codec is registered under this bank code."""

    def __init__(self, bank_code: str, known: tuple[str, ...]) -> None:
        super().__init__(f"未登记的银行 / no such bank: {bank_code!r}; known: {', '.join(known)}")
        self.bank_code = bank_code

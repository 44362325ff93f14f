"""What can go wrong between past loans and a model: each error names the record or place, the field and the remedy.

ModelsError
├── FaultyRecordError         one loan or event cannot be used as it stands
├── CivilityInputOffError     a model with the grade was asked for where the civility input is off
├── BrokenExpertCardError     an expert card is damaged, incoherent or not properly signed
└── BadPortfolioError         obligors and defaults that no portfolio can have
"""

from models.errors import ModelsError


class FaultyRecordError(ModelsError):
    """A record that must be put right at its source.

    Attributes:
        record: The loan's own reference.
        field: The column at fault.
        remedy: What to do, Chinese and English.
    """

    def __init__(self, record: str, field: str, problem: tuple[str, str], remedy: tuple[str, str]) -> None:
        self.record = record
        self.field = field
        self.remedy = remedy
        super().__init__(
            f"贷款 {record} 的 {field}：{problem[0]}。处理：{remedy[0]} / "
            f"loan {record}, {field}: {problem[1]}. Remedy: {remedy[1]}"
        )


class CivilityInputOffError(ModelsError):
    """This deployment's profile keeps civility out of every model: only `baseline` exists."""

    def __init__(self) -> None:
        super().__init__(
            "本部署已关闭诚信文明输入，只能训练 baseline；如需 full，请先由合规部门更改部署配置 / "
            "the civility input is off in this profile: only `baseline` may be trained; "
            "to train `full`, compliance has to change the profile first"
        )


class BrokenExpertCardError(ModelsError):
    """An expert card that must not decide about anybody.

    Attributes:
        card: Its file or name.
        place: Where in it, such as `features.debt_to_income.missing`.
    """

    def __init__(self, card: str, place: str, problem: tuple[str, str], remedy: tuple[str, str]) -> None:
        self.card = card
        self.place = place
        super().__init__(
            f"专家评分卡 {card} 的 {place}：{problem[0]}。处理：{remedy[0]} / "
            f"expert card {card}, {place}: {problem[1]}. Remedy: {remedy[1]}"
        )


class BadPortfolioError(ModelsError):
    """Counts, a confidence level or a correlation outside their range.

    Attributes:
        place: Which input.
    """

    def __init__(self, place: str, problem: tuple[str, str]) -> None:
        self.place = place
        super().__init__(f"组合数据 {place}：{problem[0]} / portfolio, {place}: {problem[1]}")

"""What can be wrong with a bank's file or a row of it: named, told in both languages, each with its remedy."""

from typing import Final, NamedTuple

from loan_service.errors import HaixiaError


class Words(NamedTuple):
    """A fault's reason in both languages and what the bank can do about it."""

    en: str
    zh: str
    remedy: str


class Fault(NamedTuple):
    """One thing wrong in one row; `row_number` is the line of the file, the header being line 1."""

    row_number: int
    code: str
    field: str

    @property
    def words(self) -> Words:
        """What the code says to people."""
        return FAULTS[self.code]


FAULTS: Final = {
    "row.columns": Words(
        "the row has too few or too many columns", "列数与表头不符", "was the file cut off? send it whole"
    ),
    "row.encoding": Words("the row is not UTF-8", "该行不是UTF-8编码", "export the file as UTF-8"),
    "value.missing": Words("a required value is empty", "必填项为空", "fill in the value"),
    "text.format": Words(
        "blanks around the text, or too long", "文字前后有空格或过长", "send 1 to 64 characters, no blanks"
    ),
    "key.format": Words("not 32 lower-case hex digits", "不是32位小写十六进制", "send the key as made, unchanged"),
    "level.unknown": Words("the word is not in the declared list", "取值不在约定清单内", "use a declared word"),
    "flag.format": Words("not 0 or 1", "应为0或1", "write 0 or 1"),
    "number.decimal_comma": Words("a decimal comma", "小数点写成了逗号", "write a decimal point"),
    "number.format": Words(
        "not a number of the declared form", "数字格式不符", "write plain digits, fen as whole numbers"
    ),
    "number.range": Words("the number is outside its range", "数值超出范围", "check unit (fen) and value"),
    "number.inconsistent": Words("more loans repaid than there were", "按时结清笔数多于贷款笔数", "check both numbers"),
    "date.format": Words("not a day like 2026-06-15", "日期格式不符", "write YYYY-MM-DD"),
    "date.future": Words("the day is after the file's day", "日期晚于文件日期", "check the date"),
    "date.not_the_files": Words("not the day the file's name tells", "与文件日期不一致", "send one file per day"),
    "value.unneeded": Words(
        "a value that means nothing for this kind of row", "该类型不应填写此项", "leave it empty, or check the kind"
    ),
    "change.number_reused": Words(
        "another change is kept under this number",
        "编号已用于另一变动",
        "give it a number of its own",
    ),
    "change.corrects_unknown": Words(
        "corrects a change we do not have", "所更正的变动不存在", "send the corrected row first, or check its number"
    ),
    "change.corrected_twice": Words(
        "the same change is corrected twice", "同一变动被更正两次", "correct the newest correction instead"
    ),
    "change.corrects_another": Words(
        "takes back a change of another household", "撤回的是另一户的变动", "check the number and the key"
    ),
    "change.contradicts": Words(
        "with it a change we keep could not be true", "与已有变动矛盾", "correct the kept change in the same file"
    ),
    "change.same_household": Words("both households are the same", "两户为同一户", "check the other household's key"),
    "change.unknown": Words(
        "no such household is known", "未知的户", "check the key, or send its registration with this row"
    ),
    "change.before_registration": Words(
        "before the household began", "早于该户登记日期", "check the day, or correct the registration"
    ),
    "change.registered_twice": Words("the household is registered already", "该户已登记", "withdraw one of the two"),
    "change.household_ended": Words(
        "the household had merged or moved out by then", "该户已合并或迁出", "name the household that goes on"
    ),
    "change.merged_twice": Words("the household has merged already", "该户已合并过", "withdraw the wrong merger"),
    "change.before_birth": Words("before the member's birth", "早于成员出生日期", "check both days"),
    "change.after_death": Words("after the member's death", "晚于成员去世日期", "check the day, or withdraw the death"),
    "change.under_age": Words("under age on that day", "当日未成年", "name an adult as borrower"),
    "change.other_home": Words(
        "the member lived in another household", "该成员当时属另一户", "name the household they come from"
    ),
    "change.not_a_member": Words(
        "the member lived in another household", "该成员当时不在本户", "check the key, or send the move first"
    ),
    "row.repeated": Words("the row's own key stands twice", "主键重复出现", "send one row under each key"),
}


class BankFileError(HaixiaError):
    """The file as a whole cannot be read (`file.name`, `file.empty`, `file.header`)."""


def name_error(name: str, kind: str) -> BankFileError:
    """The file's name does not tell its day."""
    wanted = f"{kind}_YYYYMMDD.csv"
    return BankFileError("file.name", f"{name} is not {wanted}", f"文件名{name}不合约定", f"name it {wanted}")


def empty_error(name: str) -> BankFileError:
    """Nothing stands below the header, or there is no header."""
    return BankFileError(
        "file.empty", f"{name} holds no rows", f"文件{name}没有数据行", "was it cut off? send it again"
    )


def header_error(name: str, missing: set[str], unknown: set[str]) -> BankFileError:
    """The header is not the declared one."""
    detail = f"missing {sorted(missing)}, unknown {sorted(unknown)}" if missing or unknown else "other order"
    return BankFileError(
        "file.header",
        f"{name}: {detail}",
        f"{name}表头不合约定：{detail}",
        "send exactly the declared columns, in order",
    )

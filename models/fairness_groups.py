"""Ways to part borrowers for testing, made from the columns of a bank's file; none of them is a feature by this.

Sex and age are parted only where the file lawfully carries them; `absent_groupings` names what it does not carry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.arrays import Booleans, Integers
from models.feature_spec import SECTORS
from models.features import Floats
from models.labels import months_later

SECTORS_ZH: Final = ("渔业", "养殖", "旅游民宿", "务工", "商贸", "其他")
_AGE_EDGES: Final = (30, 45, 60)
_YEAR_MONTHS: Final = 12


@dataclass(frozen=True, eq=False)
class Grouping:
    """One way to part rows.

    Attributes:
        name: Such as `sector`.
        name_zh: For Chinese readers.
        name_en: For English readers.
        codes: One per group, in the order shown.
        names_zh: Likewise.
        names_en: Likewise.
        places: Group of each row, -1 where it belongs to none, shape (rows,).
    """

    name: str
    name_zh: str
    name_en: str
    codes: tuple[str, ...]
    names_zh: tuple[str, ...]
    names_en: tuple[str, ...]
    places: npt.NDArray[np.intp]

    def only(self, rows: npt.NDArray[np.bool_]) -> "Grouping":
        """The same grouping of some of the rows."""
        return replace(self, places=self.places[rows])


def shown_groups(sizes: Integers, left_over: int, fewest: int) -> Booleans:
    """Which groups may be shown: large enough, and nobody left over who could be found by subtracting.

    Args:
        sizes: Members of each group, shape (groups,).
        left_over: Of everybody, those who belong to no group.
        fewest: Members of the smallest group that may be known.
    """
    shown = np.asarray(sizes >= fewest)
    left_over += int(sizes[~shown].sum())
    for place in np.argsort(sizes, kind="stable"):
        if left_over == 0 or left_over >= fewest:
            break
        if shown[place]:
            shown[place], left_over = False, left_over + int(sizes[place])
    return shown


def groupings_of(loans: pa.Table) -> tuple[Grouping, ...]:
    """Every grouping the table's columns allow."""
    made = ((columns, make) for columns, make in _MAKERS.items())
    return tuple(make(loans) for columns, make in made if set(columns) <= set(loans.column_names))


def absent_groupings(loans: pa.Table) -> tuple[str, ...]:
    """Columns that would allow a further grouping and that the table does not carry."""
    wanted = dict.fromkeys(name for columns in _MAKERS for name in columns)
    return tuple(name for name in wanted if name not in loans.column_names)


def sector_grouping(table: pa.Table) -> Grouping:
    """By the column `sector`."""
    place = {sector: position for position, sector in enumerate(SECTORS)}
    places = _places([place.get(text, -1) for text in table["sector"].to_pylist()])
    return Grouping("sector", "行业", "line of work", SECTORS, SECTORS_ZH, SECTORS, places)


def _village_size(loans: pa.Table) -> Grouping:
    """Villages parted into thirds by their number of loans in the file: the file tells no population."""
    _, village, sizes = np.unique(loans["village_code"].to_numpy(), return_inverse=True, return_counts=True)
    edges = np.quantile(sizes, [1 / 3, 2 / 3])
    places = np.searchsorted(edges, sizes, side="left")[village].astype(np.intp)
    codes, zh = ("small", "middle", "large"), ("较少的三分之一", "居中的三分之一", "较多的三分之一")
    en = ("fewest third", "middle third", "most third")
    name_zh, name_en = "村社（按文件内贷款笔数）", "villages by loans in the file"
    return Grouping("village_size", name_zh, name_en, codes, zh, en, places)


def _household_size(loans: pa.Table) -> Grouping:
    heads = _numbers(loans, "adults") + _numbers(loans, "minors")
    places = np.searchsorted([2.0, 3.0, 4.0], heads, side="left").astype(np.intp)
    places[np.isnan(heads)] = -1
    codes, zh = ("1-2", "3", "4", "5+"), ("1至2人", "3人", "4人", "5人及以上")
    en = ("1 or 2 persons", "3 persons", "4 persons", "5 or more")
    return Grouping("household_size", "家庭人口", "household size", codes, zh, en, places)


def _minors(loans: pa.Table) -> Grouping:
    minors = _numbers(loans, "minors")
    places = (minors > 0).astype(np.intp)
    places[np.isnan(minors)] = -1
    zh, en = ("无未成年人", "有未成年人"), ("no minors", "with minors")
    return Grouping("minors", "是否有未成年人", "minors in the household", ("none", "some"), zh, en, places)


def _income_known(loans: pa.Table) -> Grouping:
    """Whoever did not authorise income data must not be worse off than the data justify."""
    places = np.isnan(_numbers(loans, "annual_income_fen")).astype(np.intp)
    zh, en = ("已授权收入", "未授权收入"), ("income authorised", "income not authorised")
    return Grouping("income_known", "收入授权", "income authorisation", ("known", "unknown"), zh, en, places)


def sex_grouping(table: pa.Table) -> Grouping:
    """By the column `borrower_sex`."""
    code_of = {"男": 0, "male": 0, "女": 1, "female": 1}
    places = _places([code_of.get(text, -1) for text in table["borrower_sex"].to_pylist()])
    codes = ("male", "female")
    return Grouping("sex", "借款人性别", "sex of the borrower", codes, ("男", "女"), codes, places)


def _age(loans: pa.Table) -> Grouping:
    return age_grouping(loans["borrower_birth_on"], loans["drawn_on"])


def age_grouping(birth_on: pa.ChunkedArray, on: pa.ChunkedArray) -> Grouping:
    """By completed years on a day, in four bands; whose birthday is not known belongs to none."""
    born, today = (days.cast(pa.int32()).fill_null(0).to_numpy().astype(np.int64) for days in (birth_on, on))
    older = np.array([months_later(born, years * _YEAR_MONTHS) <= today for years in _AGE_EDGES])
    places = older.sum(axis=0).astype(np.intp)
    places[birth_on.is_null().to_numpy()] = -1
    codes = ("18-29", "30-44", "45-59", "60+")
    zh, en = ("18至29岁", "30至44岁", "45至59岁", "60岁及以上"), ("18 to 29", "30 to 44", "45 to 59", "60 or older")
    return Grouping("age", "借款人年龄", "age of the borrower", codes, zh, en, places)


_MAKERS: Final[Mapping[tuple[str, ...], Callable[[pa.Table], Grouping]]] = {
    ("sector",): sector_grouping,
    ("village_code",): _village_size,
    ("adults", "minors"): _household_size,
    ("minors",): _minors,
    ("annual_income_fen",): _income_known,
    ("borrower_sex",): sex_grouping,
    ("borrower_birth_on", "drawn_on"): _age,
}


def _numbers(loans: pa.Table, name: str) -> Floats:
    column: Floats = loans[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
    return column


def _places(places: list[Any]) -> npt.NDArray[np.intp]:
    return np.array(places, dtype=np.intp)

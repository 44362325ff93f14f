"""Everything that can be wrong with a delivered file or row: one code each, said in both languages, with its remedy."""

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict


class Defect(BaseModel):
    """One way to be wrong.

    Attributes:
        code: `file.*` speaks of a file, everything else of a row.
        remedy: what the source agency does about it, Chinese with English beside it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    zh: str
    en: str
    remedy: str


@lru_cache(maxsize=1)
def defects() -> dict[str, Defect]:
    """Every declared defect by its code, from `defects.yaml`."""
    declared = yaml.safe_load(Path(__file__).with_name("defects.yaml").read_text(encoding="utf-8"))
    shared = declared["remedies"]
    return {
        code: Defect(code=code, zh=words["zh"], en=words["en"], remedy=shared.get(words["remedy"], words["remedy"]))
        for code, words in declared["defects"].items()
    }

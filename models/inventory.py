"""The inventory of quantitative methods: what each is for, who owns and validates it, when it is reviewed next."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from models.dated import Frozen, Origin
from models.dated_file import read_shaped

INVENTORY_FILE: Final = Path(__file__).with_name("inventory.yaml")

Told = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z_0-9]*$")]
LegalLine = Annotated[str, Field(pattern=r"\[(V|S|M|P)\]")]
"""A duty with the tag that says how far its wording was checked."""


class Method(Frozen):
    """One quantitative method; see `inventory.yaml`."""

    code: Code
    name_zh: Told
    name_en: Told
    tier: Literal[1, 2, 3]
    home: Annotated[str, Field(pattern=r"^(models|scoring|experiments)\.[a-z_.]+$")]
    version: Literal["rulebook", "policy", "trained", "expert", "code"]
    kind: Literal["baseline", "full"] | None = None
    owner: Told
    validator: Told
    next_review_on: date
    inputs_zh: Told
    inputs_en: Told
    outputs_zh: Told
    outputs_en: Told
    legal: Annotated[tuple[LegalLine, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def coherent(self) -> Method:
        """Nobody validates his own method, and only models have a kind."""
        if self.owner == self.validator:
            raise ValueError(f"{self.code}: owner and validator are the same / 负责人与验证人相同")
        if (self.version in ("trained", "expert")) != (self.kind is not None):
            raise ValueError(f"{self.code}: a kind belongs to models alone / 仅模型有种类")
        return self

    def is_overdue(self, today: date) -> bool:
        """Whether its review should have been made by now."""
        return today > self.next_review_on


class Inventory(Frozen):
    """Every method there is."""

    edition: Told
    origin: Origin
    methods: Annotated[tuple[Method, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def each_once(self) -> Inventory:
        """One line per method."""
        codes = [method.code for method in self.methods]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)}: more than once / 重复")
        return self


@lru_cache(maxsize=4)
def inventory(path: Path = INVENTORY_FILE) -> Inventory:
    """The shipped inventory, or another one.

    Raises:
        ValidationError: the file is not of its declared shape.
    """
    return read_shaped(path, Inventory)

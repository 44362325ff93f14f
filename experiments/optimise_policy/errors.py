"""What can stop the optimiser: each error carries its facts and says the remedy.

OptimiserError
├── UnmeetableConstraintsError   no choice from the menus keeps all limits; names those that must give, and by how much
└── SolverStoppedError           HiGHS ended without an answer
"""

from dataclasses import dataclass


class OptimiserError(Exception):
    """Root of the optimiser's errors; its text is Chinese with English beside it."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One limit that cannot be kept: its name, what it asks for, and the nearest that the menus allow."""

    name: str
    limit: float
    reached: float
    remedy_zh: str
    remedy_en: str

    def __str__(self) -> str:
        """The limit, what is reached and the remedy."""
        return (
            f"{self.name}: 限值 limit {self.limit:,.6g}, 最近可达 nearest {self.reached:,.6g}; "
            f"{self.remedy_zh} / {self.remedy_en}"
        )


class UnmeetableConstraintsError(OptimiserError):
    """The limits cannot all be kept, whatever is chosen."""

    def __init__(self, shortfalls: tuple[Shortfall, ...]) -> None:
        self.shortfalls = shortfalls
        told = "\n".join(f"- {shortfall}" for shortfall in shortfalls)
        super().__init__(f"约束无法同时满足 / these limits cannot be kept together:\n{told}")


class SolverStoppedError(OptimiserError):
    """HiGHS gave up."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(
            f"求解器未得出结果：{message}；请缩小菜单 / "
            f"the solver ended without an answer: {message}; make the menus smaller"
        )

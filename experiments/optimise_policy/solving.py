"""The problem as a mixed-integer program, solved by HiGHS: one binary per band, grade, bonus and discount.

Orders are written on cumulative sums ("at least this step"), which leaves the relaxation close to whole numbers.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, identity, vstack

from experiments.optimise_policy.errors import Shortfall, SolverStoppedError, UnmeetableConstraintsError
from experiments.optimise_policy.problem import Choice, Problem, needed_in_safer
from experiments.simulation.arrays import Floats

OPTIONS: Final = {"presolve": True, "disp": False, "node_limit": 100_000}
"""Solver settings: no clock among them, so the same problem takes the same path."""

_INFEASIBLE: Final = 2
_NEAREST: Final = 0.01
"""How exactly the least shortfall is found: its size is told with three digits at most."""

_KEPT: Final = 1e-6
"""Relative excess over a limit that counts as rounding."""

Row = tuple[dict[int, float], float, float]
"""Coefficients by variable, lowest and highest value of one row."""


def solve(problem: Problem, optimality_gap: float = 0.0) -> Choice:
    """Return the best choice.

    Args:
        problem: what to choose from, and what to keep.
        optimality_gap: share of the objective by which a better choice may be missed; 0 proves that none is.

    Raises:
        UnmeetableConstraintsError: the limits cannot all be kept; each one that must give is named.
        SolverStoppedError: HiGHS ended without an answer.
    """
    model = _Model(problem)
    result = milp(
        -model.objective(),
        constraints=[model.structure(), *model.limits()],
        integrality=np.ones(model.size),
        bounds=model.bounds(),
        options={**OPTIONS, "mip_rel_gap": optimality_gap},
    )
    if result.status == _INFEASIBLE:
        raise UnmeetableConstraintsError(_shortfalls(model))
    if result.status:
        raise SolverStoppedError(str(result.message))
    return model.choice(result.x)


def _shortfalls(model: "_Model") -> tuple[Shortfall, ...]:
    """Let limits give as little as possible, each measured by its own size, and name those that do."""
    problem, count = model.problem, len(model.problem.limits)
    structure, bounds = model.structure(), model.bounds()
    rows = vstack([limit.A for limit in model.limits()])
    highest = np.concatenate([limit.ub for limit in model.limits()])
    widened = csr_array((structure.A.shape[0], count))
    result = milp(
        np.concatenate([np.zeros(model.size), np.ones(count)]),
        constraints=[
            LinearConstraint(hstack([structure.A, widened]), structure.lb, structure.ub),
            LinearConstraint(hstack([rows, -identity(count)]), -np.inf, highest),
        ],
        integrality=np.concatenate([np.ones(model.size), np.zeros(count)]),
        bounds=Bounds(np.zeros(model.size + count), np.concatenate([bounds.ub, np.full(count, np.inf)])),
        options={**OPTIONS, "mip_rel_gap": _NEAREST},
    )
    if result.status:
        raise SolverStoppedError(str(result.message))
    chosen, gives = model.choice(result.x[: model.size]), result.x[model.size :]
    return tuple(
        Shortfall(limit.name, limit.bound, limit.reached(chosen), *limit.remedy)
        for limit, give in zip(problem.limits, gives, strict=True)
        if give > _KEPT
    )


class _Model:
    """Columns: one binary per choice in the order of `Problem.worth`, then one per border between bands."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        bands, grades, bonuses, discounts = problem.shape
        self.cells = bands * grades * bonuses * discounts
        self.size = self.cells + bands - 1
        self.place = np.arange(self.cells).reshape(problem.shape)

    def objective(self) -> Floats:
        """Worth in units of its largest size, so that tolerances mean the same in every problem."""
        worth = np.concatenate([self.problem.worth.ravel(), np.zeros(self.size - self.cells)])
        return worth / max(float(np.abs(worth).max()), 1.0)

    def bounds(self) -> Bounds:
        """Every variable is 0 or 1; what is not allowed stays 0."""
        allowed = np.broadcast_to(self.problem.allowed[:, None, None, :], self.problem.shape)
        return Bounds(0, np.concatenate([allowed.ravel().astype(np.float64), np.ones(self.size - self.cells)]))

    def limits(self) -> list[LinearConstraint]:
        """One row per limit, in units of the limit's own size."""
        borders = np.zeros(self.size - self.cells)
        rows = [limit.row() for limit in self.problem.limits]
        return [
            LinearConstraint(csr_array(np.concatenate([coefficients.ravel(), borders])[None, :]), -np.inf, [highest])
            for coefficients, highest in rows
        ]

    def structure(self) -> LinearConstraint:
        """One choice per band and grade, in order, in few brackets."""
        rows = [*self._one_each(), *self._by_grade(), *self._by_band(), *self._brackets()]
        at = np.repeat(np.arange(len(rows)), [len(row) for row, _, _ in rows])
        columns = [column for row, _, _ in rows for column in row]
        values = [value for row, _, _ in rows for value in row.values()]
        matrix = csr_array((values, (at, columns)), shape=(len(rows), self.size))
        return LinearConstraint(matrix, [low for _, low, _ in rows], [high for _, _, high in rows])

    def choice(self, solution: Floats) -> Choice:
        """Read the solver's answer."""
        bands, grades, bonuses, discounts = self.problem.shape
        chosen = solution[: self.cells].reshape(bands, grades, bonuses * discounts).argmax(axis=2)
        return Choice(chosen // discounts, chosen % discounts)

    def _one_each(self) -> Iterator[Row]:
        for cell in self.place.reshape(-1, self.place.shape[2] * self.place.shape[3]):
            yield dict.fromkeys(cell.tolist(), 1.0), 1.0, 1.0

    def _by_grade(self) -> Iterator[Row]:
        bands, grades, _, _ = self.problem.shape
        for band in range(bands):
            for grade in range(grades - 1):
                for lower, higher in zip(self._steps(band, grade), self._steps(band, grade + 1), strict=True):
                    yield _implies(lower, higher)
                yield self._rise(band, grade)

    def _rise(self, band: int, grade: int) -> Row:
        """Steps above the next lower grade, bonus and discount together."""
        _, _, bonuses, discounts = self.problem.shape
        steps = np.add.outer(np.arange(bonuses), np.arange(discounts)).ravel().astype(np.float64)
        lower, higher = self.place[band, grade].ravel(), self.place[band, grade + 1].ravel()
        row = dict(zip(lower.tolist(), -steps, strict=True)) | dict(zip(higher.tolist(), steps, strict=True))
        return row, float(self.problem.least_grade_steps), np.inf

    def _by_band(self) -> Iterator[Row]:
        bands, grades, bonuses, discounts = self.problem.shape
        for band in range(bands - 1):
            for menu, needed in enumerate(needed_in_safer(self.problem, band)):
                for grade in range(grades):
                    for step, least in enumerate(needed):
                        riskier = self._at_least(band + 1, grade, menu, step)
                        if step and least < (bonuses, discounts)[menu]:
                            yield _implies(riskier, self._at_least(band, grade, menu, least))
                        elif step:
                            yield dict.fromkeys(riskier, 1.0), 0.0, 0.0

    def _brackets(self) -> Iterator[Row]:
        bands, grades, _, _ = self.problem.shape
        for band in range(bands - 1):
            border = self.cells + band
            for grade in range(grades):
                for safer, riskier in zip(self._steps(band, grade), self._steps(band + 1, grade), strict=True):
                    for row, low, high in (_implies(safer, riskier), _implies(riskier, safer)):
                        yield {**row, border: -1.0}, low, high
        yield {self.cells + band: 1.0 for band in range(bands - 1)}, 0.0, float(self.problem.most_brackets - 1)

    def _steps(self, band: int, grade: int) -> list[list[int]]:
        """The variables of "at least this step", of each step above 0: first of the bonuses, then of the discounts."""
        _, _, bonuses, discounts = self.problem.shape
        rows = [self._at_least(band, grade, 0, step) for step in range(1, bonuses)]
        return rows + [self._at_least(band, grade, 1, step) for step in range(1, discounts)]

    def _at_least(self, band: int, grade: int, menu: int, step: int) -> list[int]:
        cell = self.place[band, grade]
        kept: list[int] = (cell[step:] if menu == 0 else cell[:, step:]).ravel().tolist()
        return kept


def _implies(one: list[int], other: list[int]) -> Row:
    """Sum of one <= sum of the other; what stands on both sides falls out."""
    row = dict.fromkeys(one, 1.0)
    for column in other:
        row[column] = row.get(column, 0.0) - 1.0
    return {column: value for column, value in row.items() if value}, -np.inf, 0.0

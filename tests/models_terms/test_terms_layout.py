"""Where the terms' kernel finds things: its cached machine code knows of every source its numbers come from."""

import ast
from pathlib import Path

import models
from models import household_year_kernel, terms_kernel, terms_layout

FOLDER = Path(models.__file__).parent


def _taken_from(source: Path) -> set[Path]:
    """Modules of this package that a module takes names from."""
    found = [node for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.ImportFrom)]
    modules = [node.module or "" for node in found]
    return {FOLDER / f"{name.removeprefix('models.')}.py" for name in modules if name.startswith("models.")}


def test_no_kernel_is_kept_beyond_a_change_of_what_its_places_come_from() -> None:
    known = {Path(terms_kernel.__file__), *household_year_kernel.SOURCES}
    for module in (terms_kernel, household_year_kernel, terms_layout):
        assert _taken_from(Path(str(module.__file__))) <= known

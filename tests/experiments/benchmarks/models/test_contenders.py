import ast
from pathlib import Path

import pytest

from experiments.benchmarks.models import contenders
from experiments.benchmarks.models.contenders import EVERYBODY, HERE, OURSELVES, PEERS, meaning, modules_behind


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small package of ours in an empty folder."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.py").write_text('"""Words."""\nfrom models import two\n\n\ndef f():\n    return 1\n')
    (tmp_path / "models" / "two.py").write_text("def g():\n    import models.three\n")
    (tmp_path / "models" / "three.py").write_text("import numpy\n")
    monkeypatch.chdir(tmp_path)
    contenders.parsed.cache_clear()
    contenders.code_key.cache_clear()
    return tmp_path / "models"


def test_everything_imported_at_once_or_late_is_behind_a_module(house: Path) -> None:
    assert modules_behind("models.one") == {"models.one", "models.two", "models.three"}


def test_other_words_mean_the_same(house: Path) -> None:
    before = meaning("models.one")
    (house / "one.py").write_text(
        '"""Other."""\nfrom models import two\n\n\ndef f():\n    """New."""\n    return 1  # why\n'
    )
    assert meaning("models.one") == before


def test_other_code_far_behind_gives_another_key(house: Path) -> None:
    before = contenders.code_key("models.one")
    (house / "three.py").write_text("import numpy\nLIMIT = 2\n")
    contenders.parsed.cache_clear()
    contenders.code_key.cache_clear()
    assert contenders.code_key("models.one") != before


def test_a_function_of_words_alone_still_parses() -> None:
    tree = ast.parse('def f():\n    """Only words."""\n')
    assert contenders.is_words(tree.body[0].body[0])  # type: ignore[attr-defined]


def test_our_key_hangs_on_the_learner_and_a_peers_does_not() -> None:
    assert "models.default_risk" in modules_behind(f"{HERE}.{OURSELVES.module}")
    for peer in PEERS:
        assert not [module for module in modules_behind(f"{HERE}.{peer.module}") if module.startswith("models.")]


def test_a_module_without_a_say_hides_what_is_behind_it(house: Path) -> None:
    assert modules_behind("models.one", frozenset({"models.two"})) == {"models.one"}


def test_no_two_contenders_share_a_name() -> None:
    names = [name for one in EVERYBODY for name in one.learners]
    assert len(set(names)) == len(names)

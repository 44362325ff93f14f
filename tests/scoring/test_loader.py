"""An edition is exactly its files, read from a folder or from bytes; what is missing or unreadable is named."""

import hashlib
from pathlib import Path

import pytest

from scoring import Rulebook, RulebookMissingError, RulebookValueError, load_rulebook, load_rulebook_folder
from scoring.frames import EVENT_TYPES
from scoring.loader import RULEBOOKS, edition_files, editions, load_rulebook_files, yardstick

PUBLISHED = {"2026-01": "6588850fc3acee2a5bbf0293e0ea58f90af6406eb7f2cc31583cd4326e133a26"}


def copied(folder: Path, **changes: bytes) -> Path:
    folder.mkdir()
    for name, content in (edition_files(RULEBOOKS / "2026-01") | changes).items():
        (folder / name).write_bytes(content)
    return folder


def test_a_published_edition_never_changes() -> None:
    assert {edition: load_rulebook(edition).content_hash for edition in PUBLISHED} == PUBLISHED


def test_the_editions_are_listed_in_the_order_they_take_effect() -> None:
    assert editions()[:2] == ("2026-01", "2027-01")
    begins = [load_rulebook(edition).edition.effective_from for edition in editions()]
    assert begins == sorted(set(begins))


def test_each_edition_replaces_the_one_before_and_says_what_changes() -> None:
    first, *later = (load_rulebook(edition).edition for edition in editions())
    assert (first.replaces, first.summary) == (None, ())
    assert [edition.replaces for edition in later] == list(editions()[:-1])
    assert all(3 <= len(edition.summary) <= 5 for edition in later)


@pytest.mark.parametrize("edition", editions())
def test_an_edition_read_from_bytes_is_the_edition_of_its_folder(edition: str) -> None:
    files = edition_files(RULEBOOKS / edition)
    backwards = dict(reversed(files.items()))
    assert load_rulebook_files(backwards) == load_rulebook(edition)


def test_the_content_hash_covers_every_name_and_byte() -> None:
    files = edition_files(RULEBOOKS / "2026-01")
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\x00" + str(len(files[name])).encode() + b"\x00" + files[name])
    assert load_rulebook_files(files).content_hash == digest.hexdigest()
    other = files | {"5_village_life.yaml": files["5_village_life.yaml"] + b"# seen\n"}
    assert load_rulebook_files(other).content_hash != digest.hexdigest()
    renamed = {name.replace("5_", "6_"): content for name, content in files.items()}
    assert load_rulebook_files(renamed).content_hash != digest.hexdigest()


def test_another_encoding_is_named(tmp_path: Path) -> None:
    folder = copied(tmp_path / "edition", **{"edition.yaml": "# 计分".encode("gb18030")})
    with pytest.raises(RulebookValueError, match="UTF-8"):
        load_rulebook_folder(folder)


@pytest.mark.parametrize("content", [b"", b"- 1\n", b"just words\n", b"tag: \x07\n", b"rounding_points: .nan\n"])
def test_a_file_that_is_no_edition_is_named_not_stumbled_over(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RulebookValueError) as caught:
        load_rulebook_folder(copied(tmp_path / "edition", **{"edition.yaml": content}))
    assert {finding.file for finding in caught.value.findings} == {"edition.yaml"}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulebookMissingError) as caught:
        load_rulebook_folder(tmp_path)
    assert caught.value.path == tmp_path / "edition.yaml"
    with pytest.raises(RulebookMissingError):
        load_rulebook("1999-01")


def test_an_edition_without_dimensions_is_named() -> None:
    files = edition_files(RULEBOOKS / "2026-01")
    with pytest.raises(RulebookMissingError, match=r"\*\.yaml"):
        load_rulebook_files({"edition.yaml": files["edition.yaml"]})
    with pytest.raises(RulebookMissingError, match=r"edition\.yaml"):
        load_rulebook_files({"1_law_abiding.yaml": files["1_law_abiding.yaml"]})


@pytest.mark.parametrize("edition", editions())
def test_the_catalogue_is_whole(edition: str) -> None:
    rulebook = load_rulebook(edition)
    assert [len(dimension.indicators) for dimension in rulebook.dimensions] == [4, 4, 3, 3, 4]
    seeded = {indicator.indicator for _, indicator in rulebook.indicators if indicator.origin == "SEED"}
    assert seeded == {"1.1", "1.4", "2.1", "2.2", "2.4", "3.1", "4.1", "5.1", "5.2"}
    assert all(indicator.tag == "P" and indicator.usable_for for _, indicator in rulebook.indicators)
    assert rulebook.edition.placeholder_catalogue


def test_every_kind_of_event_is_described() -> None:
    assert set(yardstick().kinds) == set(EVENT_TYPES)


def test_the_shipped_rulebook_of_the_tests_is_the_first(rulebook: Rulebook) -> None:
    assert rulebook.edition.edition == editions()[0]

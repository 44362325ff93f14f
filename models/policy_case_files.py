"""Opens a folder of policy cases; each case knows its file and line."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from models.policy_cases import CaseFile, FiledCase
from models.policy_loader import PolicyFile, read_as
from models.terms_errors import CasesMissingError


def load_policy_cases(folder: Path) -> tuple[FiledCase, ...]:
    """Every case of a folder's YAML files, in order.

    Raises:
        CasesMissingError: there is no YAML file.
        BrokenPolicyError: a case has not the right shape; with file and line.
    """
    return tuple(filed for path in _paths(folder) for filed in _cases_in(path))


def cases_sha256(folder: Path) -> str:
    """SHA-256 (hex) over names and bytes of the case files."""
    digest = hashlib.sha256()
    for path in _paths(folder):
        content = path.read_bytes()
        digest.update(f"{path.name}\x00{len(content)}\x00".encode())
        digest.update(content)
    return digest.hexdigest()


def _paths(folder: Path) -> list[Path]:
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise CasesMissingError(str(folder))
    return paths


def _cases_in(path: Path) -> Iterator[FiledCase]:
    file, lines = read_as(PolicyFile(path.name, path.read_bytes()), CaseFile)
    for number, case in enumerate(file.cases):
        yield FiledCase(file.bank_code, path.name, lines["cases", number], case)

"""Which code made something: the package's version, the commit where there is one, and a digest of the sources."""

import subprocess
from functools import cache
from hashlib import sha256
from importlib import metadata, resources
from pathlib import Path
from typing import Final

DISTRIBUTION: Final = "haixia-honesty-loan"
_SHORT: Final = 12


@cache
def code_version() -> str:
    """Such as `0.1.0+gb2cb97512ab4.src3f2a0c1d9e88`; the digest covers what a commit does not: changes not committed.

    An installed package has no commit; the digest of its sources still names the code.
    """
    commit = _commit(_folder())
    parts = [*([f"g{commit}"] if commit else []), f"src{source_digest()[:_SHORT]}"]
    return f"{metadata.version(DISTRIBUTION)}+{'.'.join(parts)}"


def source_digest() -> str:
    """SHA-256 (hex) over the Python and YAML files of this package, by name."""
    digest = sha256()
    for path in sorted(path for path in _folder().rglob("*") if path.suffix in {".py", ".yaml"}):
        digest.update(str(path.relative_to(_folder())).encode() + b"\x00" + path.read_bytes() + b"\x00")
    return digest.hexdigest()


def _folder() -> Path:
    return Path(str(resources.files("models")))


def _commit(folder: Path) -> str:
    """The checkout's commit; empty outside a checkout, or where no git is installed."""
    if not (folder.parent / ".git").exists():
        return ""
    try:
        done = subprocess.run(
            ["git", "rev-parse", f"--short={_SHORT}", "HEAD"], cwd=folder, capture_output=True, text=True, check=True
        )
    except (FileNotFoundError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()

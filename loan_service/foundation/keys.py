"""Keys and passwords: made at first start in an ignored folder, readable by their owner only."""

import os
import secrets
import tempfile
from pathlib import Path


def secret(folder: Path, name: str) -> str:
    """The secret of that name, 64 hex digits; made the first time it is asked for.

    Two processes may ask at once: a whole file is linked into place, the loser of the race reads the winner's.
    """
    path = folder / name
    if not path.exists():
        _link_into_place(path, secrets.token_hex(32).encode())
    return path.read_text()


def key_bytes(folder: Path, name: str) -> bytes:
    """`secret` as 32 bytes."""
    return bytes.fromhex(secret(folder, name))


def _link_into_place(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # mode 0600 from the start
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()

"""How kernels are compiled: serial, without the interpreter's lock, and kept on disk between starts.

A cache folder is named by what its kernels depend on, because Numba itself looks no further than one file's date: the
kernels' sources, Numba's version and the processor. It lies beside the sources, as trustworthy as they are; where that
cannot be written, Numba's own folder for the user is taken.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import llvmlite.binding as llvm
import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiler(*sources: Path) -> Callable[[Function], Function]:
    """The decorator for the kernels of one module.

    Args:
        sources: The module's file, then every other one whose functions or constants its kernels take in.

    Returns:
        What makes a kernel of a function: compiled at its first call, then read from the cache; threads may run it side
        by side.
    """
    folder = cache_folder(*sources)

    def compiled(function: Function) -> Function:
        with _kept_in(folder):
            return cast("Function", numba.njit(nogil=True, cache=True, error_model="numpy")(function))

    return compiled


def cache_folder(*sources: Path) -> Path:
    """The folder for kernels made of exactly these sources by this Numba for this processor."""
    told = [numba.__version__, llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources) + "\0".join(told).encode()).hexdigest()
    return sources[0].parent / "__pycache__" / f"kernels-{digest[:16]}"


@contextmanager
def _kept_in(folder: Path) -> Iterator[None]:
    """Numba asks for its folder when a function is decorated, and other packages' kernels have folders of their own."""
    before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    if os.access(folder.parents[1], os.W_OK):
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before  # type: ignore[attr-defined]


compiled: Final = compiler(Path(__file__).with_name("kernel.py"))


def inlined(function: Function) -> Function:
    """A part of kernels that is taken into them word by word: a fifth faster where it is called once per person."""
    return cast("Function", numba.njit(nogil=True, inline="always", error_model="numpy")(function))

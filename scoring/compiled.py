"""How kernels are compiled: serial, without the interpreter's lock, and kept on disk between starts.

The cache folder is named by what a kept kernel depends on, because Numba itself looks no further than one file's date:
the kernels' source, Numba's version and the processor. It lies beside the sources, as trustworthy as they are; where
that cannot be written, Numba's own folder for the user is taken.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import llvmlite.binding as llvm
import numba

Function = TypeVar("Function", bound=Callable[..., Any])

KERNELS: Final = Path(__file__).with_name("kernel.py")


def _cache_folder() -> Path:
    """The folder for kernels made of exactly these sources by this Numba for this processor."""
    told = [numba.__version__, llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    digest = hashlib.sha256(KERNELS.read_bytes() + "\0".join(told).encode()).hexdigest()
    return KERNELS.parent / "__pycache__" / f"kernels-{digest[:16]}"


def _use_cache_folder() -> None:
    folder = _cache_folder()
    if os.access(KERNELS.parent, os.W_OK):
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


_use_cache_folder()


def compiled(function: Function) -> Function:
    """A kernel: compiled at its first call, then read from the cache; threads may run it side by side."""
    return cast("Function", numba.njit(nogil=True, cache=True, error_model="numpy")(function))


def inlined(function: Function) -> Function:
    """A part of kernels that is taken into them word by word: a fifth faster where it is called once per person."""
    return cast("Function", numba.njit(nogil=True, inline="always", error_model="numpy")(function))

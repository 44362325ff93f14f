"""RFC 6962's own test vectors, as published with its reference implementation (certificate-transparency, 2013)."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loan_service.foundation import merkle

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_agree_with_the_reference(size: int) -> None:
    assert merkle.root(HASHES[:size]).hex() == ROOTS[size - 1]


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert merkle.root([]) == hashlib.sha256(b"").digest()


@given(st.integers(1, 70), st.data())
def test_every_leaf_proves_its_place_and_no_other(size: int, data: st.DataObject) -> None:
    hashes = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    position = data.draw(st.integers(0, size - 1))
    tree = merkle.levels(hashes)
    path = merkle.proof(tree, position)
    root = merkle.root(hashes)
    assert merkle.verify(hashes[position], position, size, path, root)
    other = (position + 1) % size
    assert other == position or not merkle.verify(hashes[position], other, size, path, root)
    assert not merkle.verify(merkle.leaf_hash(b"forged"), position, size, path, root)
    assert not merkle.verify(hashes[position], position, size, [*path, bytes(32)], root)


def test_a_position_outside_the_tree_is_an_error() -> None:
    with pytest.raises(IndexError):
        merkle.proof(merkle.levels(HASHES), 8)
    assert not merkle.verify(HASHES[0], 8, 8, [], merkle.root(HASHES))

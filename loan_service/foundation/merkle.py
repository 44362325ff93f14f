"""The Merkle tree of RFC 6962: root, inclusion proof, verification; pure."""

import hashlib
from collections.abc import Sequence


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 || leaf), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """All levels from the leaf hashes up to the root; a lone node at a level's end moves up unchanged.

    This gives RFC 6962's tree: its split at the largest power of two makes exactly the left-complete shape.
    """
    out = [list(hashes)]
    while len(out[-1]) > 1:
        below = out[-1]
        above = [node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        out.append(above)
    return out


def root(hashes: Sequence[bytes]) -> bytes:
    """The tree head over leaf hashes; of an empty tree SHA-256 of nothing."""
    return levels(hashes)[-1][0] if hashes else hashlib.sha256(b"").digest()


def proof(tree: Sequence[Sequence[bytes]], position: int) -> list[bytes]:
    """The audit path of one leaf, bottom up, from the tree's `levels`.

    Raises:
        IndexError: `position` is not a leaf of the tree.
    """
    if not 0 <= position < len(tree[0]):
        raise IndexError(position)
    path = []
    for level in tree[:-1]:
        sibling = position ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        position >>= 1
    return path


def verify(leaf: bytes, position: int, size: int, path: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether `leaf` (its hash) stands at `position` of the tree of `size` leaves with that root (RFC 9162 2.1.3.2)."""
    if not 0 <= position < size:
        return False
    node, last, current = leaf, size - 1, position
    for sibling in path:
        if last == 0:
            return False
        if current % 2 or current == last:
            node = node_hash(sibling, node)
            while not current % 2 and current:
                current >>= 1
                last >>= 1
        else:
            node = node_hash(node, sibling)
        current >>= 1
        last >>= 1
    return last == 0 and node == expected_root

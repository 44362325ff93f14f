from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from loan_service.district.store.tables import log, refused_rows
from loan_service.foundation import merkle
from loan_service.foundation.database import transaction
from loan_service.foundation.signing import verify
from loan_service.foundation.transparency import append_leaf, head_bytes, seal, sealed_position
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)


def write(wing: Wing, *keys: str) -> None:
    with transaction(wing.engine) as connection:
        for key in keys:
            append_leaf(connection, log, "test", key, key.encode(), DAY)


def sealed(wing: Wing) -> int:
    with transaction(wing.engine) as connection:
        return seal(connection, log, wing.signer)


def test_positions_follow_the_order_of_commits_and_start_at_one(district: Wing) -> None:
    assert sealed(district) == 0
    write(district, "a", "b")
    assert sealed(district) == 2
    write(district, "c")
    assert sealed(district) == 3
    with transaction(district.engine) as connection:
        assert sealed_position(connection, log) == 3
        rows = connection.execute(select(log.sealed.c.position, log.sealed.c.leaf_id)).all()
    assert [row.position for row in rows] == [1, 2, 3]


def test_the_same_act_leaves_one_leaf(district: Wing) -> None:
    write(district, "a")
    write(district, "a")
    assert sealed(district) == 1
    assert sealed(district) == 1


def test_each_head_is_signed_over_all_leaves_so_far(district: Wing) -> None:
    for key in "abc":
        write(district, key)
        sealed(district)
    with transaction(district.engine) as connection:
        hashes = [bytes.fromhex(h) for h in connection.execute(select(log.sealed.c.leaf_hash)).scalars()]
        heads = connection.execute(select(log.heads).order_by(log.heads.c.tree_size)).all()
    assert [head.tree_size for head in heads] == [1, 2, 3]
    for head in heads:
        root = merkle.root(hashes[: head.tree_size])
        assert head.root == root.hex()
        signature = bytes.fromhex(head.signature)
        assert verify(district.signer.public, signature, head_bytes("district", head.tree_size, root))
        assert not verify(district.signer.public, signature, head_bytes("bank", head.tree_size, root))


def test_a_failed_act_leaves_no_leaf(district: Wing) -> None:
    def act() -> None:
        with transaction(district.engine) as connection:
            append_leaf(connection, log, "test", "doomed", b"", DAY)
            connection.execute(refused_rows.insert().values(file_sha256="x", row_number=1, rule=None))

    with pytest.raises(IntegrityError):
        act()
    assert sealed(district) == 0

"""What a person can do, read by commands: both halves side by side; and an offer made again from its stamps."""

import pytest
from sqlalchemy import text

from tests.journeys.conftest import Demo

pytestmark = pytest.mark.xdist_group("journeys")  # one worker: they share one district

KNOWN_AT_A_BANK = """
SELECT p.person_id, h.bank_code, h.household_ref
FROM district.consent_acts p
JOIN bank.households h ON h.borrower_pseudonym = p.pseudonym
JOIN bank.offers o ON o.household_ref = h.household_ref AND o.bank_code = h.bank_code AND o.decision = 'offer'
JOIN bank.received_certificates c ON c.pseudonym = p.pseudonym AND c.bank_code = h.bank_code
WHERE p.act = 'given'  -- and whoever has a certificate that was not taken back has an index
AND NOT EXISTS (SELECT 1 FROM bank.received_revocations r WHERE r.certificate_id = c.certificate_id)
ORDER BY o.limit_fen DESC, p.person_id LIMIT 1
"""


def test_both_halves_are_read_together_and_waiting_stands_in_each(demo: Demo) -> None:
    with demo.database() as engine, engine.connect() as connection:
        person_id, _, _ = connection.execute(text(KNOWN_AT_A_BANK)).one()
    printed = demo.run("recourse", str(person_id), "--can", "contract_keeping")
    for said in ("【您今天】", "值多少】", "【怎么升级】", "能做什么】", "等着就行，什么都不用做。", "不加入：利息"):
        assert said in printed


def test_who_says_nothing_is_asked_first_and_promised_nothing(demo: Demo) -> None:
    with demo.database() as engine, engine.connect() as connection:
        person_id, _, _ = connection.execute(text(KNOWN_AT_A_BANK)).one()
    printed = demo.run("recourse", str(person_id))
    assert "您能做哪些？不用说理由，也不会记下来。" in printed
    assert "--can household_hygiene  环境卫生（会有人上门看）" in printed
    assert "志愿服务" not in printed[printed.index("【您今天】") :]


def test_an_offer_says_why_and_comes_out_the_same_again(demo: Demo) -> None:
    with demo.database() as engine, engine.connect() as connection:
        _, bank_code, household_ref = connection.execute(text(KNOWN_AT_A_BANK)).one()
    printed = demo.run("offer", household_ref, "--bank", bank_code, "--why")
    for said in ("exactly the same terms", "用满一年", "probability of not repaying", "household exposure", "剩下"):
        assert said in printed
    assert "hash differently" not in printed

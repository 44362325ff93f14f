from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from loan_service.app import create_app
from loan_service.errors import SettingsError
from loan_service.settings import Deployment, Settings

DECLARED = {"operator": "x", "role_of_parties": "y", "agreement_reference": "z"}


def test_readiness_asks_both_wings(client: Any) -> None:
    assert client.get("/ready").json() == {"business_dates": {"district": "2026-06-15", "bank": "2026-06-15"}}


def test_a_process_without_its_database_lives_but_is_not_ready(settings: Settings, serving: Any) -> None:
    with serving(create_app(settings, "postgresql://nobody@127.0.0.1:1/none")) as client:
        assert client.get("/health").json() == {"status": "alive"}
        with pytest.raises(OperationalError):
            client.get("/ready")


def test_a_banks_node_needs_the_districts_public_key(
    settings: Settings, owner_url: str, serving: Any, tmp_path: Any
) -> None:
    alone = settings.model_copy(update={"deployment": Deployment.BANK, "data_dir": tmp_path, **DECLARED})
    with pytest.raises(SettingsError, match=r"certificate\.no_district_key"), serving(create_app(alone, owner_url)):
        pass

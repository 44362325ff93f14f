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


@pytest.mark.parametrize(
    ("deployment", "start"), [(Deployment.DISTRICT, "/district/persons"), (Deployment.BANK, "/bank")]
)
def test_the_root_of_a_single_wing_leads_to_its_first_page(
    settings: Settings, owner_url: str, serving: Any, deployment: Deployment, start: str
) -> None:
    (settings.keys_dir / "district-ed25519.public").write_text("00" * 32)
    alone = settings.model_copy(update={"deployment": deployment, **DECLARED})
    with serving(create_app(alone, owner_url)) as client:
        assert client.page("/").headers["location"] == start
        page = client.page(start)
        assert page.status_code == 200
        assert "演示环境" not in page.text
        assert f'class="brand" href="{start}"' in page.text

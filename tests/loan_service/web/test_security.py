import subprocess
import sys
from typing import Any

import pytest

PATHS = ["/health", "/ready", "/district/figures", "/district/persons", "/nothing", "/openapi.json", "/docs"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_safe_headers(client: Any, path: str) -> None:
    headers = client.page(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


def test_strict_transport_is_demanded_where_the_page_came_encrypted(client: Any) -> None:
    assert "strict-transport-security" in client.get("https://haixia.test/health").headers


@pytest.mark.parametrize("path", ["/district/persons", "/district/intake", "/docs", "/nothing"])
def test_no_page_brings_a_script_or_a_style_of_its_own(client: Any, path: str) -> None:
    text = client.page(path).text
    for banned in ("<script", "<style", " style=", " onclick=", "javascript:", "http://", "//fonts"):
        assert banned not in text


def test_the_style_sheet_can_be_kept_for_ever_because_its_name_is_its_content(client: Any) -> None:
    page = client.page("/district/persons").text
    address = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]


def test_the_serving_process_imports_neither_lightgbm_nor_mlflow_nor_the_simulator() -> None:
    code = (
        "import sys, loan_service.app;"
        # Numba looks at SciPy's version and nothing else of it.
        "heavy = [n for n in sys.modules if n.split('.')[0] in {'lightgbm', 'mlflow', 'sklearn'}"
        " or n.startswith(('scipy.sparse', 'scipy.stats', 'scipy.optimize', 'scipy.linalg', 'altair', 'vl_convert'))"
        " or n.startswith('bank_adapters.simul')];"
        "print(*sorted(heavy)); sys.exit(bool(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

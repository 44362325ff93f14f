import re
from pathlib import Path

import pytest

from loan_service.web.templating import WEB

CSS = (Path(WEB) / "haixia.css").read_text(encoding="utf-8")
TOKENS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", CSS)) | {"white": "#ffffff"}


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((text, ground) for text in ("ink", "muted", "sea", "bank", "plus", "minus") for ground in ("paper", "card")),
        ("muted", "glow-soft"),
        ("glow", "glow-soft"),
        ("gold", "gold-soft"),
        ("minus", "glow-soft"),
        ("ink", "sand"),
        ("white", "sea-deep"),
        ("white", "bank-deep"),
        ("white", "sea"),
        ("white", "bank"),
    ],
)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    light, dark = sorted((_luminance(TOKENS[text]), _luminance(TOKENS[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2 AA for text of any size


def test_the_style_sheet_fetches_nothing() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

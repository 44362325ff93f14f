"""Opens the scale on which printed scorecards stand."""

from pathlib import Path
from typing import Final

import yaml

from models.exports.points import PointsScale

SHIPPED_SCALE: Final = Path(__file__).with_name("points_scale.yaml")


def load_scale(path: Path = SHIPPED_SCALE) -> PointsScale:
    """Read a scale.

    Raises:
        OSError: The file cannot be opened.
        ValueError: It lacks a number, holds another one, or a number makes no scale.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return PointsScale(**content)
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from error

"""Opens and writes scorecard files; the only place of the serving path that touches the disk."""

from pathlib import Path

from models.scorecard import Scorecard


def load_scorecard(path: Path) -> Scorecard:
    """Read a scorecard file.

    Raises:
        OSError: The file cannot be opened.
        ScorecardFormatError: It is no scorecard.
    """
    return Scorecard.from_json(path.read_text(encoding="utf-8"))


def save_scorecard(scorecard: Scorecard, path: Path) -> None:
    """Write a scorecard file whole: a reader sees the old file or the new one, never half of one."""
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_text(scorecard.to_json(), encoding="utf-8")
    unfinished.replace(path)

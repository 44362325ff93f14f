"""How rulebook findings, differences and comparisons are printed: tables a person reads."""

from collections import Counter

from rich.console import Console
from rich.table import Column, Table

from scoring.difference import JUDGED, Change

_COLOURS = {"kinder": "green", "stricter": "red", "mixed": "yellow", "neutral": "dim"}


def _table(*headers: str, title: str) -> Table:
    """A table that breaks long lines rather than cutting them: Chinese has no spaces to break at."""
    return Table(*(Column(header, overflow="fold") for header in headers), title=title)


def differences(console: Console, changes: tuple[Change, ...]) -> None:
    """What two editions differ in, one row per change."""
    table = _table("哪里 / where", "旧 / old", "新 / new", "对居民 / for citizens", title="两版差异 / difference")
    for each in changes:
        where = f"{' · '.join(name.zh for name in each.path)}\n{', '.join(name.en for name in each.path)}"
        judged, colour = JUDGED[each.direction], _COLOURS[each.direction]
        direction = f"[{colour}]{judged.zh}\n{judged.en}[/{colour}]"
        table.add_row(where, f"{each.old.zh}\n{each.old.en}", f"{each.new.zh}\n{each.new.en}", direction)
    if not changes:
        console.print("两版含义相同 / both editions mean the same")
        return
    console.print(table)
    counts = Counter(each.direction for each in changes)
    console.print(" · ".join(f"{JUDGED[which].zh} / {JUDGED[which].en}: {count}" for which, count in counts.items()))

"""Facts become pages: one HTML file that needs nothing else, with the facts themselves inside it."""

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import jinja2
from markupsafe import Markup

from models.dossier import wording
from models.dossier.canonical import DossierFacts, figures
from models.dossier.labels import cell_label, unit_label
from models.dossier.loader import rules, stylesheet, template
from models.dossier.plots import plots_of
from models.dossier.table_plots import signed

ABSENT: Final = "—"
_EMBEDDED: Final = re.compile(r'<script type="application/json" id="facts">(.*?)</script>', re.DOTALL)


def render(facts: DossierFacts, plots: Mapping[str, str] | None = None) -> bytes:
    """The dossier as UTF-8 HTML: figures of the facts, formatted; equal facts give equal bytes.

    Args:
        facts: What is told.
        plots: Pictures drawn of the same figures before (`plots_of`); None: they are drawn now, which takes the most
            of the time.
    """
    tree = facts.tree
    page = _pages().get_template("page.html")
    told = page.render(
        f=tree,
        sha256=facts.sha256,
        facts_text=embedded(facts),
        figure_count=sum(1 for _ in figures(tree)),
        plots={name: Markup(svg) for name, svg in (plots or plots_of(tree)).items()},  # noqa: S704  # drawn by us from numbers
        style=stylesheet(),
        sections=wording.sections(),
        names={shape["name"]: f"{shape['name_zh']} {shape['name_en']}" for shape in tree["shapes"]},
        origins=wording.ORIGINS,
        kinds=wording.KINDS,
        states=wording.STATES,
        measures=wording.MEASURES,
        gate_names=wording.GATES,
        paper_names=wording.PAPERS,
        rules=rules(),
    )
    return told.encode()


def embedded(facts: DossierFacts) -> str:
    """The facts' text as it may stand inside a script element: `<` is escaped, which JSON reads back as itself."""
    return facts.text.replace("<", "\\u003c")


def facts_within(page: bytes) -> DossierFacts:
    """The facts a page carries; ValueError when it carries none."""
    found = _EMBEDDED.search(page.decode(errors="replace"))
    if found is None:
        raise ValueError("the page carries no facts / 网页中没有事实")
    return DossierFacts.from_text(found[1])


@lru_cache(maxsize=1)
def _pages() -> jinja2.Environment:
    pages = jinja2.Environment(
        loader=jinja2.FunctionLoader(template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters.update(_FILTERS)
    return pages


def _fixed(value: float | None, digits: int = 2) -> str:
    return ABSENT if value is None else f"{value:,.{digits}f}"


def _signed(value: float | None, digits: int = 2) -> str:
    return ABSENT if value is None else signed(value, digits)


def _percent(value: float | None, digits: int = 2) -> str:
    return ABSENT if value is None else f"{100 * value:.{digits}f}%"


def _count(value: int) -> str:
    return f"{value:,}"


def _yuan(value_fen: int) -> str:
    """Fen as yuan, or as ten thousand yuan where that is shorter to read."""
    return f"{value_fen / 1_000_000:,.1f}万元" if abs(value_fen) >= 1_000_000 else f"{value_fen / 100:,.0f}元"  # noqa: PLR2004


def _short(value: float) -> str:
    """A figure of unknown size: whole numbers whole, others with five digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if math.fabs(value) >= 1e5 else f"{value:.5g}"  # noqa: PLR2004


def _direction(direction: int) -> str:
    return {1: "↑ +", -1: "↓ −", 0: "—"}[direction]


_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "fixed": _fixed,
    "signed": _signed,
    "percent": _percent,
    "count": _count,
    "yuan": _yuan,
    "short": _short,
    "direction": _direction,
    "unit": unit_label,
    "cell": cell_label,
    "consent": lambda code: wording.CONSENTS[code],
    "starting": lambda plots, with_what: [svg for name, svg in plots.items() if name.startswith(with_what)],
}

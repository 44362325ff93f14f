"""Small pictures of an experiment's figures, as SVG."""

from collections.abc import Mapping

import altair as alt
import vl_convert


def bars(figures: Mapping[str, float], title: str) -> bytes:
    """One horizontal bar per figure, in the order given, its number beside it."""
    rows = [{"figure": name, "value": value, "told": f"{value:,.4g}"} for name, value in figures.items()]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("figure:N", sort=list(figures), title=None), x=alt.X("value:Q", title=None)
    )
    chart = (base.mark_bar() + base.mark_text(align="left", dx=3).encode(text="told:N")).properties(title=title)
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return svg.encode()

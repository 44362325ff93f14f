"""What all pictures of a dossier share: colours, sizes, and the step from a chart to SVG."""

from typing import Any, Final

FONT: Final = "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
RISE, FALL, INK, QUIET, MARK = "#b3541e", "#2b7a78", "#222222", "#8a9298", "#2c4a86"
STEP: Final = 17

Rows = list[dict[str, Any]]


def chart_of(rows: Rows) -> Any:
    """An empty chart over rows of plain values."""
    import altair as alt

    return alt.Chart(alt.InlineData(values=rows))


def svg_of(chart: Any) -> str:
    """The chart as SVG in the library's plain theme and a font that has Chinese."""
    import vl_convert

    plainly = (
        chart.configure(font=FONT, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=10, titleFontSize=10, titleFontWeight="normal", gridColor="#e6e2d8", labelLimit=300
        )
        .configure_legend(labelFontSize=10, titleFontSize=10, orient="bottom", labelLimit=300)
        .configure_title(fontSize=10, anchor="start", fontWeight="normal")
    )
    return str(vl_convert.vegalite_to_svg(plainly.to_dict()))

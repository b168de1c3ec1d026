"""A bar chart as SVG, drawn by hand: a logarithmic scale, one bar a line, its figure beside it."""

import math
from collections.abc import Mapping
from html import escape

_WIDTH, _LABEL, _BAR, _LINE, _TOP = 760, 190, 430, 30, 46


def bars(title: str, values: Mapping[str, float], unit: str, first: str) -> str:
    """The chart's SVG; bars whose name begins with ``first`` stand out. Each grid line is ten times the one before."""
    lowest = 10 ** math.floor(math.log10(min(values.values())))
    highest = 10 ** math.ceil(math.log10(max(values.values())))
    decades = round(math.log10(highest / lowest))
    height = _TOP + _LINE * len(values) + 34
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
            f'font-family="system-ui, sans-serif" font-size="13">'
        ),
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="24" font-size="15" font-weight="600" fill="#1b1f24">{escape(title)}</text>',
    ]
    bottom = _TOP + _LINE * len(values)
    for decade in range(decades + 1):
        x = _LABEL + _BAR * decade / decades
        lines.append(f'<line x1="{x:.1f}" y1="{_TOP - 6}" x2="{x:.1f}" y2="{bottom}" stroke="#dfe3e8"/>')
        told = f"{lowest * 10**decade:,.0f}"
        lines.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" fill="#57606a">{told}</text>')
    for index, (name, value) in enumerate(values.items()):
        y = _TOP + index * _LINE
        length = _BAR * math.log10(value / lowest) / decades
        colour, weight = ("#1f6feb", "600") if name.startswith(first) else ("#9aa4b2", "400")
        lines += [
            (
                f'<text x="{_LABEL - 10}" y="{y + 17}" text-anchor="end" font-weight="{weight}" fill="#1b1f24">'
                f"{escape(name)}</text>"
            ),
            f'<rect x="{_LABEL}" y="{y + 4}" width="{length:.1f}" height="{_LINE - 12}" rx="2" fill="{colour}"/>',
            (
                f'<text x="{_LABEL + length + 8:.1f}" y="{y + 17}" font-weight="{weight}" fill="#1b1f24">'
                f"{value:,.0f} {escape(unit)}</text>"
            ),
        ]
    return "\n".join([*lines, "</svg>", ""])

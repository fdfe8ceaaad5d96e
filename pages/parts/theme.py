"""The look as data: the six statuses, the paper they stand on, the three kinds of line.

Colours were chosen so that any two statuses stay apart for protan, deutan and tritan eyes and on a grey printer, in
light and in dark; `tests/test_look.py` computes it. The paper's colours are those of `.streamlit/config.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pages.parts.words import say

SANS = "'Readiness Sans', 'Status Shapes', sans-serif"
SERIF = "'Readiness Serif', 'Status Shapes', serif"
URDU = "'Noto Nastaliq Urdu', serif"

LineKind = Literal["expected", "actual", "projection"]


@dataclass(frozen=True)
class Ink:
    """How a status is painted: its fill, the text on the fill, the edge around it."""

    fill: str
    text: str
    edge: str


@dataclass(frozen=True)
class Status:
    """A status: a word and a shape first, a colour after them."""

    key: str
    shape: str
    light: Ink
    dark: Ink
    hatched: bool = False

    @property
    def word(self) -> str:
        """The status in words."""
        return say(f"status.{self.key}")

    def ink(self, dark: bool) -> Ink:
        """The paint for the theme that is showing."""
        return self.dark if dark else self.light


@dataclass(frozen=True)
class Paper:
    """The colours of everything that is not a status."""

    ground: str
    raised: str
    ink: str
    muted: str
    rule: str
    accent: str


# In the order of a legend: best first, silence last.
STATUSES: dict[str, Status] = {
    status.key: status
    for status in (
        Status("ready", "●", Ink("#1A7551", "#FFFFFF", "#1A7551"), Ink("#206749", "#FFFFFF", "#206749")),
        Status("on_track", "▲", Ink("#3A9FBB", "#0B1512", "#3A9FBB"), Ink("#2D8BAF", "#0B1110", "#2D8BAF")),
        Status("behind", "■", Ink("#EBAA2D", "#0B1512", "#EBAA2D"), Ink("#F6C755", "#0B1110", "#F6C755")),
        Status("critical", "◆", Ink("#940C19", "#FFFFFF", "#940C19"), Ink("#FD6763", "#0B1110", "#FD6763")),
        Status(
            "not_reported", "○",
            Ink("#F7F8F7", "#17211E", "#8A9590"),
            Ink("#1C2522", "#E6EBE8", "#7C8883"),
        ),
        Status(
            "stale", "◌",
            Ink("#CCCECD", "#17211E", "#8A9590"),
            Ink("#3D413F", "#E6EBE8", "#7C8883"),
            hatched=True,
        ),
    )
}

LIGHT = Paper(ground="#FFFFFF", raised="#F3F5F3", ink="#17211E", muted="#56625D", rule="#D5DAD7", accent="#0B5345")
DARK = Paper(ground="#111816", raised="#1A2320", ink="#E6EBE8", muted="#A3AFA9", rule="#35403C", accent="#6FBFA8")


def paper(dark: bool) -> Paper:
    """The paper for the theme that is showing."""
    return DARK if dark else LIGHT


def css_variables() -> str:
    """The same colours for the stylesheet; `light-dark()` follows the theme that the viewer has chosen."""
    pairs = {f"--{name}": (getattr(LIGHT, name), getattr(DARK, name)) for name in Paper.__dataclass_fields__}
    for status in STATUSES.values():
        for part in Ink.__dataclass_fields__:
            pairs[f"--{status.key}-{part}"] = (getattr(status.light, part), getattr(status.dark, part))
    colours = "".join(f"{name}:light-dark({light},{dark});" for name, (light, dark) in pairs.items())
    return f":root{{{colours}--sans:{SANS};--serif:{SERIF};--urdu:{URDU}}}"


def line(kind: LineKind, *, dark: bool) -> dict[str, Any]:
    """A plotly line: expected is thin and dashed, actual solid, projection dotted. Everywhere the same."""
    colours = paper(dark)
    return {
        "expected": {"color": colours.muted, "width": 1, "dash": "dash"},
        "actual": {"color": colours.accent, "width": 2.25, "dash": "solid"},
        "projection": {"color": colours.accent, "width": 1.5, "dash": "dot"},
    }[kind]


def plotly_layout(dark: bool) -> dict[str, Any]:
    """The layout that every figure starts from; give it as `layout` and show the figure with `theme=None`."""
    colours = paper(dark)
    axis = {
        "gridcolor": colours.rule,
        "linecolor": colours.rule,
        "zeroline": False,
        "ticks": "",
        "automargin": True,
        "title": {"font": {"size": 12}},
    }
    return {
        "template": "none",
        "font": {"family": SANS, "size": 13, "color": colours.ink},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": [colours.accent, colours.muted],
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": colours.raised,
            "bordercolor": colours.rule,
            "font": {"family": SANS, "size": 13, "color": colours.ink},
            "align": "left",
        },
        "xaxis": axis | {"showgrid": False},
        "yaxis": axis,
        "separators": ".,",
    }

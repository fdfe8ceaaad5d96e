"""The look: statuses that no eye and no printer confuses, text that can be read, markup that can't be broken into."""

import datetime as dt
import re
import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from pages.parts import marks, theme, tiles

ROOT = Path(__file__).parents[1]
THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
EVIL = "<script>alert('\"')</script>"

# Machado, Oliveira and Fernandes 2009: full protanopia, deuteranopia, tritanopia; for linear RGB.
EYES = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


# ── Statuses ─────────────────────────────────────────────────────────────────────────────────────


def test_every_status_has_its_own_word_and_shape():
    assert list(theme.STATUSES) == ["ready", "on_track", "behind", "critical", "not_reported", "stale"]
    for part in ("word", "shape"):
        assert len({getattr(status, part) for status in theme.STATUSES.values()}) == len(theme.STATUSES)


@THEMES
@pytest.mark.parametrize("eye", EYES)
def test_any_two_statuses_stay_apart_for_every_eye(eye, dark):
    for one, other in combinations(theme.STATUSES.values(), 2):
        distance = _ciede2000(_seen(one.ink(dark).fill, eye), _seen(other.ink(dark).fill, eye))
        assert distance >= 8.5, f"{one.word} and {other.word} look alike: {distance:.1f}"


@THEMES
def test_any_two_statuses_stay_apart_on_a_grey_printer(dark):
    for one, other in combinations(theme.STATUSES.values(), 2):
        distance = abs(_lightness(one.ink(dark).fill) - _lightness(other.ink(dark).fill))
        assert distance >= 7.5, f"{one.word} and {other.word} print alike: {distance:.1f}"


@THEMES
@pytest.mark.parametrize("key", theme.STATUSES)
def test_text_on_a_status_can_be_read(key, dark):
    ink = theme.STATUSES[key].ink(dark)
    assert _contrast(ink.text, ink.fill) >= 4.5


@THEMES
@pytest.mark.parametrize("key", ["not_reported", "stale"])
def test_silence_is_grey_and_has_an_edge(key, dark):
    ink = theme.STATUSES[key].ink(dark)
    assert np.ptp(_channels(ink.fill)) < 0.05
    assert _contrast(ink.edge, theme.paper(dark).ground) >= 3


@THEMES
def test_words_on_the_paper_can_be_read(dark):
    paper = theme.paper(dark)
    for colour in (paper.ink, paper.muted, paper.accent):
        for ground in (paper.ground, paper.raised):
            assert _contrast(colour, ground) >= 4.5


@THEMES
def test_the_paper_has_the_colours_of_the_theme(dark):
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    colours, paper = config["theme"]["dark" if dark else "light"], theme.paper(dark)
    names = {
        "linkColor": paper.accent,
        "backgroundColor": paper.ground,
        "secondaryBackgroundColor": paper.raised,
        "textColor": paper.ink,
        "borderColor": paper.rule,
    }
    assert {name: colours[name] for name in names} == names
    assert _contrast(colours["primaryColor"], "#FFFFFF") >= 4.5
    assert _contrast(colours["primaryColor"], paper.ground) >= 3


def test_every_font_is_served_from_here_with_its_licence():
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    static = ROOT / "pages/static"
    licence = (static / "OFL.txt").read_text(encoding="utf-8")
    for face in config["theme"]["fontFaces"]:
        folder, name = face["url"].rsplit("/", 1)
        assert folder == "/app/static"
        assert (static / name).is_file()
        assert name in licence
        assert not face["family"][-1].isdigit(), "Streamlit drops an unquoted family whose name ends in a number"


def test_nothing_in_the_look_is_fetched_from_elsewhere():
    assert not re.search(r"@import|https?:", marks.LOOK.read_text(encoding="utf-8"))


# ── Pieces ───────────────────────────────────────────────────────────────────────────────────────

DAYS = [(dt.date(2023, 11, day), share, 0.5) for day, share in ((1, 0.1), (8, None), (15, 0.4))]
PIECES = {
    "navigation": lambda text: marks.navigation([(text, text, True), (text, text, False)], text),
    "opened": lambda text: marks.opened(text, marks.muted(text)),
    "headline": lambda text: marks.headline(text, [text, text]),
    "section": lambda text: marks.section(text, text), "subheading": marks.subheading,
    "taken": lambda text: marks.taken(text, text, [(text, text)]),
    "table_taken": lambda text: marks.table_taken(text, [(text, text)]),
    "banner": lambda text: marks.banner("example", text),
    "empty_state": lambda text: marks.empty_state(text, text, [text]),
    "note": lambda text: marks.note(text, text),
    "status_tag": lambda text: marks.status_tag("ready", text),
    "figure_strip": lambda text: marks.figure_strip(
        status="behind", share=0.5, expected=0.6, change=0.1, since=text, aside=text, instead=text
    ),
    "domain_card": lambda text: marks.domain_card(text, text, 0.4, 0.5, "behind", text, DAYS),
    "attention_list": lambda text: marks.attention_list([marks.Attention(text, text, "critical", text, "3", text, text)]),
    "place_line": lambda text: marks.place_line(text, [(text, text)]),
    "table": lambda text: marks.table([text, marks.Column(text, number=True)], [[text, text]], text),
    "link": lambda text: marks.link(text, text),
    "measured": lambda text: marks.measured(text, 1),
    "facts": lambda text: marks.facts([(text, text)]),
    "flag": lambda text: marks.flag(text, text),
    "file_title": marks.file_title,
    "cell": marks.cell,
    "unbroken": marks.unbroken,
    "fell": marks.fell,
    "urdu": marks.urdu,
    "muted": marks.muted,
    "joined": lambda text: marks.joined(text, text),
    "sparkline": lambda text: marks.sparkline(text, 0.4, 0.5, DAYS),
    "state_tag": lambda text: marks.state_tag("behind", text),
    "state_figure": lambda text: marks.state_figure("behind", text, text),
    "state_legend": lambda text: marks.state_legend([("behind", text)]),
    "clock_strip": lambda text: marks.clock_strip(text, text, [("behind", text, text)]),
    "late_rows": lambda text: marks.late_rows("behind", text, [(text, text, text)]),
    "asks": lambda text: marks.asks([(text, [("behind", text, text, marks.places_with_counts([(text, text, text)], 1))])]),
    "places_with_counts": lambda text: marks.places_with_counts([(text, text, text), (text, text, text)], 1),
    "marked_lines": lambda text: marks.marked_lines("critical", text, text, [text]),
    "quotes": lambda text: marks.quotes([(text, text, text)]),
    "named": lambda text: marks.named(text, text),
    "source_line": lambda text: marks.source_line(text, text, text, text, (text, text, text)),
    "grouped_table": lambda text: marks.grouped_table([text], [(text, [[text]])], text),
    "place_lines": lambda text: marks.place_lines({text: [(text, text)]}, lambda code: code, "critical"),
    "place_table": lambda text: marks.place_table({}, [], DAYS[0][0], DAYS[1][0], [(("all", "all"), text)], lambda code: code, text),
}


@pytest.mark.parametrize("piece", PIECES)
def test_a_piece_escapes_what_it_is_given(piece):
    html = PIECES[piece](EVIL)
    assert isinstance(html, marks.Html)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "alert('" not in html


def test_every_piece_that_takes_words_is_tried():
    without_words = {"stylesheet", "scheme", "script", "status_legend", "share_bar", "percent", "signed", "plain", "value", "heading", "whole", "points_behind", "gap", "disputed", "cards", "stacked", "lines", "flags", "label"}
    functions = {
        name
        for name, value in vars(marks).items()
        if callable(value) and getattr(value, "__module__", "") == marks.__name__ and name[0].islower()
    }
    assert functions - without_words == set(PIECES)


def test_a_strangers_text_in_a_label_is_read_as_it_stands():
    told = marks.label("![a](https://elsewhere.example/x.png) **b** [c](d) `e` <i>f</i> _g_ :material/home: $h$ \\ \n# i")
    assert re.sub(r"\\(.)", r"\1", told) == "![a](https://elsewhere.example/x.png) **b** [c](d) `e` <i>f</i> _g_ :material/home: $h$ \\ # i"
    assert re.fullmatch(r"[\w /]*", re.sub(r"\\.", "", told))  # what means something in Markdown bears a backslash, as CommonMark has it


@pytest.mark.parametrize("href", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", " javascript:x"])
def test_a_link_leads_to_pages_only(href):
    assert 'href="#"' in marks.link("Sindh", href)


@pytest.mark.parametrize(
    "href", ["province?code=PK7", "/district?code=PK701", "?as_of=2023-11-26T10:00", "https://ecp.gov.pk/"]
)
def test_a_link_to_a_page_is_kept(href):
    assert f'href="{href}"' in marks.link("Sindh", href)


@pytest.mark.parametrize("key", theme.STATUSES)
def test_a_tag_shows_the_shape_and_says_the_word(key):
    status = theme.STATUSES[key]
    for tag in (marks.status_tag(key), marks.status_tag(key, "41 %")):
        assert status.shape in tag
        assert status.word in tag
        assert f"er-is-{key}" in tag
    assert f".er-is-{key} {{" in marks.stylesheet()


@pytest.mark.parametrize(
    ("share", "shown"),
    [(None, "–"), (0.0, "0"), (0.0001, "<1"), (0.581, "58"), (0.996, "99"), (0.9999, "99"), (1.0, "100")],
)
def test_a_percentage_is_whole_and_is_100_only_when_all_is_done(share, shown):
    assert marks.percent(share).removesuffix("\u00a0%") == shown


def test_the_gap_is_the_difference_of_the_figures_that_are_shown():
    strip = marks.figure_strip(status="behind", share=0.576, expected=0.634)
    assert "58\u00a0%" in strip
    assert "63\u00a0%" in strip
    assert "<b>5 points</b> behind" in strip


def test_a_table_names_its_columns_and_rows():
    html = marks.table(["District", marks.Column("Done", number=True)], [["Kech", 2031]], "Repairs by district", shown=True)
    assert "<caption>Repairs by district</caption>" in html
    assert '<th scope="col">District</th>' in html
    assert '<th scope="row">Kech</th>' in html
    assert '<td class="er-number">2,031</td>' in html
    assert 'role="region" tabindex="0" aria-label="Repairs by district"' in html


def test_nothing_reported_is_not_nought():
    card = marks.domain_card("Training", "training", None, 0.5, "not_reported", "0 of 144 districts", [])
    assert '<p class="er-card-share">–</p>' in card


# ── The tile map ─────────────────────────────────────────────────────────────────────────────────


def _districts() -> pd.DataFrame:
    keys = list(theme.STATUSES)
    rows = [
        {
            "code": f"D{col}{row}",
            "name": f"District {col}-{row}",
            "province": "West" if col < 4 else "East",
            "tile_col": col,
            "tile_row": row,
            "status": keys[(col + row) % len(keys)],
            "more": ["50 %, expected 60 %"],
            "label": f"D{col}",
        }
        for col in range(8)
        for row in range(6)
    ]
    return pd.DataFrame(rows)


@THEMES
def test_each_district_is_one_tile_with_its_shape_and_its_code(dark):
    frame = _districts()
    drawn = go.Figure(tiles.tile_map(frame, dark=dark)).data
    assert len(drawn) == 1
    assert [code for (code,) in drawn[0].customdata] == frame["code"].tolist()
    assert [text[0] for text in drawn[0].text] == [theme.STATUSES[key].shape for key in frame["status"]]


@THEMES
def test_a_tile_has_the_colour_of_its_status(dark):
    frame = _districts()
    marker = go.Figure(tiles.tile_map(frame, dark=dark)).data[0].marker
    scale = {round(at * marker.cmax): colour for at, colour in marker.colorscale}
    painted = [scale[number] for number in marker.color]
    assert painted == [theme.STATUSES[key].ink(dark).fill for key in frame["status"]]


def test_the_map_names_its_provinces_outside_their_tiles():
    figure = go.Figure(tiles.tile_map(_districts()))
    assert {note.text for note in figure.layout.annotations} == {"West", "East"}
    taken = set(zip(figure.data[0].x, (base + 0.46 for base in figure.data[0].base)))
    assert all((round(note.x), round(note.y)) not in taken for note in figure.layout.annotations)


def test_a_tile_is_square_in_the_container_that_the_stylesheet_gives_it():
    layout = go.Figure(tiles.tile_map(_districts())).layout
    (left, right), (bottom, top) = layout.xaxis.range, layout.yaxis.range
    assert (right - left) / (bottom - top) == pytest.approx(tiles.PROPORTION)
    assert f"[class*=\"st-key-district_map\"] {{ aspect-ratio: {tiles.PROPORTION:g};" in marks.stylesheet()


def test_the_map_escapes_names():
    frame = _districts()
    frame = frame.assign(name=EVIL, province=EVIL, label=EVIL, more=[[EVIL]] * len(frame))
    assert "<script" not in go.Figure(tiles.tile_map(frame)).to_json()


# ── Seeing ───────────────────────────────────────────────────────────────────────────────────────


def _channels(colour: str) -> np.ndarray:
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def _linear(colour: str) -> np.ndarray:
    channels = _channels(colour)
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def _luminance(colour: str) -> float:
    return float(XYZ[1] @ _linear(colour))


def _contrast(one: str, other: str) -> float:
    """As WCAG 2 counts it."""
    dim, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def _lightness(colour: str) -> float:
    return float(_seen(colour, "normal")[0])


def _seen(colour: str, eye: str) -> np.ndarray:
    """The colour in CIELAB (D65) as that eye sees it."""
    xyz = XYZ @ np.clip(EYES[eye] @ _linear(colour), 0, 1) / np.array([0.95047, 1.0, 1.08883])
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _ciede2000(one: np.ndarray, other: np.ndarray) -> float:
    """Sharma, Wu and Dalal 2005."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1 * stretch)) % 360, np.degrees(np.arctan2(b2, a2 * stretch)) % 360
    turn = 0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    hue = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    mean_l, mean_c, d_hue = (l1 + l2) / 2, (c1 + c2) / 2, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    cos = [np.cos(np.radians(angle)) for angle in (hue - 30, 2 * hue, 3 * hue + 6, 4 * hue - 63)]
    weight = 1 - 0.17 * cos[0] + 0.24 * cos[1] + 0.32 * cos[2] - 0.20 * cos[3]
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * weight
    bend = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25**7)) * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    d_l, d_c, d_h = (l2 - l1) / s_l, (c2 - c1) / s_c, d_hue / s_h
    return float(np.sqrt(d_l**2 + d_c**2 + d_h**2 + bend * d_c * d_h))


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ],
)
def test_the_distance_is_the_published_one(one, other, distance):
    """Rows of the table that the formula's authors published to check it by."""
    assert _ciede2000(np.array(one), np.array(other)) == pytest.approx(distance, abs=1e-4)

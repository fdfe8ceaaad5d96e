"""What a page shows, as values: pieces of HTML, charts, long tables, blocks beside each other. A page makes them once for what it was asked for, keeps
them until the store changes, and lays them down here with as few messages to the browser as can be."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count, groupby
from typing import Any, Literal, TypeVar

import pyarrow as pa
import streamlit as st
from plotly.basedatatypes import BaseFigure

from pages.parts import marks, session
from pages.parts.charts import CONFIG
from pages.taking.kept import Taken, drawing, hold

Drawn = TypeVar("Drawn")
_has_turn: ContextVar[bool] = ContextVar("_has_turn", default=False)
_began: ContextVar[float] = ContextVar("_began")


class Figure(BaseFigure):
    """A figure in plain values that is sent as it is, and that nobody changes. Plotly's own would hold each value to what it knows, which took a
    quarter of a page's time, and be copied deeply each time that it is sent; the tests hold every chart to it instead."""

    def __init__(self, told: dict[str, Any]) -> None:
        """From `data` and `layout`."""
        self.__dict__["told"] = told

    def to_dict(self) -> dict[str, Any]:
        """The very values."""
        return self.__dict__["told"]


@dataclass(frozen=True)
class Chart:
    """A chart, and its words for who can't see it. One that is `wide` is moved sideways where the page, or the `half` of it that it has, is narrow,
    and has what stands `below` it in the same box. Of one that can be clicked the code of the place is told."""

    figure: Figure
    key: str
    alt: str
    wide: Literal["", "page", "half"] = ""
    clicked: bool = False
    below: marks.Html = marks.Html("")


@dataclass(frozen=True)
class Sheet:
    """A table that may be long: sorted and searched by its reader. `formats` are by column."""

    table: pa.Table
    key: str
    alt: str
    formats: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Beside:
    """Blocks beside each other, with how wide each is; under each other where the window is narrow."""

    blocks: tuple[tuple[Piece, ...], ...]
    widths: tuple[int, ...]


Piece = marks.Html | Chart | Sheet | Beside
Pieces = Sequence[Piece]


def beside(*blocks: Iterable[Piece], widths: Sequence[int] = ()) -> Beside:
    """Blocks of the same width, if none are given."""
    return Beside(tuple(tuple(block) for block in blocks), tuple(widths) or (1,) * len(blocks))


def kept(question: Hashable, draw: Callable[[], Drawn]) -> Drawn:
    """What a page has drawn for a question: once, and from then on as it was, with the tables that can be taken along of it, until the store
    changes. The question names all on which it depends, the scope before all."""
    def answer() -> tuple[Drawn, list[Taken]]:
        with _turn(), drawing() as tables:
            return draw(), tables

    drawn, tables = session.store().remember(question, answer, drawn=True)
    hold(*tables)
    return drawn


class Turns:
    """So many at a time. Of those who wait, it is the turn of whoever came first, also when they come again: a page of several parts waits once."""

    def __init__(self, at_once: int) -> None:
        self._free, self._lock, self._number = at_once, threading.Lock(), count()
        self._waiting: list[tuple[float, int, threading.Event]] = []

    @contextmanager
    def turn(self, began: float) -> Iterator[None]:
        """Waits for a turn, has it while the block lasts, and passes it on."""
        coming = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                coming.set()
            else:
                heappush(self._waiting, (began, next(self._number), coming))
        coming.wait()
        try:
            yield
        finally:
            with self._lock:
                if self._waiting:
                    heappop(self._waiting)[2].set()
                else:
                    self._free += 1


_TURNS = Turns(max(2, os.cpu_count() or 2))


@contextmanager
def _turn() -> Iterator[None]:
    """Has no more drawn at a time than there are processors: many who draw at once hinder each other, and who shows what is kept as well."""
    if _has_turn.get():  # what is drawn within what is being drawn
        yield
        return
    began = _began.get(None)
    if began is None:  # the first part of a page: its thread is the page's own
        _began.set(began := time.monotonic())
    with _TURNS.turn(began):
        held = _has_turn.set(True)
        try:
            yield
        finally:
            _has_turn.reset(held)


def lay(pieces: Pieces) -> str | None:
    """Draws pieces under each other. Returns the code of the place that was clicked in one of the charts, if any was."""
    clicked = None
    for is_html, group in groupby(pieces, lambda piece: isinstance(piece, marks.Html)):
        if is_html:
            if html := marks.stacked(group):
                st.html(html)
            continue
        for piece in group:
            clicked = _laid(piece) or clicked
    return clicked


def _laid(piece: Chart | Sheet | Beside) -> str | None:
    match piece:
        case Beside():
            clicked = [_within(column, block) for column, block in zip(st.columns(piece.widths, gap="medium"), piece.blocks)]
            return next(filter(None, clicked), None)
        case Sheet():
            st.dataframe(piece.table, hide_index=True, key=piece.key, alt=piece.alt, column_config=piece.formats, placeholder="–")
            return None
        case Chart(wide=""):
            return _chart(piece)
    with st.container(key=f"wide_{'half_' if piece.wide == 'half' else ''}{piece.key}"):
        clicked = _chart(piece)
        if piece.below:
            st.html(piece.below)
    return clicked


def _within(column: Any, block: Pieces) -> str | None:
    with column:
        return lay(block)


def _chart(chart: Chart) -> str | None:
    event = st.plotly_chart(chart.figure, theme=None, config=CONFIG, key=chart.key, alt=chart.alt, on_select="rerun" if chart.clicked else "ignore", selection_mode="points")
    return event.selection.points[0]["customdata"][0] if chart.clicked and event and event.selection.points else None

"""The paper for a meeting, read back from its three forms: what it says is what the data says, on every page of it stands of what it is, and it
tells nobody what is not for them."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from conftest import OpenPage
from pptx import Presentation
from sheets_for import course, hand_in
from small_country import election_in
from starlette.applications import Starlette
from starlette.testclient import TestClient
from test_pages import text_of

from data import actions, audit, meetings, notes, readiness
from data.accounts import Account
from data.asks import asks
from data.clock import clock
from data.election import Election
from data.readiness import Line
from data.scope import Scope
from data.sessions import Session
from data.store import Store
from loaders.__main__ import answer, main
from loaders.door import open_door
from loaders.submissions import reference
from pages.api.commands import ABOVE
from pages.entrance.guard import SESSION
from pages.papers import forms
from pages.papers.content import Paper, gather
from pages.papers.document import pdf
from pages.papers.route import Papers
from pages.papers.slides import pptx
from pages.papers.workbook import xlsx
from pages.parts import asking, marks
from pages.parts.theme import STATUSES

TODAY, EARLIER = date(2026, 11, 26), date(2026, 10, 29)
MADE = datetime(2026, 11, 26, 14, 5)
CASES = [("PK", TODAY), ("PK7", TODAY), ("PK2", EARLIER), ("PK708", TODAY)]
PROVINCES = ["PK5", "PK4", "PK6", "PK2", "PK7"]


@pytest.fixture(scope="module")
def held(example_store_path: Path, election: Election, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The example election, only read."""
    path = tmp_path_factory.mktemp("paper") / "example.duckdb"
    shutil.copyfile(example_store_path, path)
    with closing(Store(path, election)) as store:
        yield store


@pytest.fixture(scope="module")
def paper_of(held: Store, everything: Scope) -> Any:
    """The paper of a place on a day, gathered once."""
    return cache(lambda place, on=TODAY: gather(held, everything, place, on, made_at=MADE))


def document(paper: Paper) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf(paper)))


def printed(paper: Paper) -> list[str]:
    """What stands on each page, its spaces made one."""
    return [" ".join(page.extract_text().split()) for page in document(paper).pages]


def indicators(store: Store, scope: Scope, place: str, on: date) -> list[Line]:
    """A place's own lines of its indicators, asked anew."""
    found = readiness.lines(store, scope, store.election.places[place].summed_at, days=(on,), place=place)
    return [line for line in found if line.indicator != "all"]


def count_of(line: Line) -> str:
    """A line's counts as a reader would write them, with the sign of those that a disagreement touches."""
    if line.disputed:
        return f"{line.done:,} of {line.required:,} *"
    if line.done is None:
        return "Not reported"
    if line.required == 0:
        return "nothing required"
    if line.level == "district" and line.indicator in ("SE1", "SE2"):
        return "yes" if line.done else "no"
    return f"{line.done:,} of {line.required:,}"


@pytest.mark.parametrize(("place", "on"), CASES)
def test_the_document_prints_the_figures_of_that_day(held: Store, everything: Scope, paper_of: Any, place: str, on: date) -> None:
    said = " ".join(printed(paper_of(place, on)))
    for line in indicators(held, everything, place, on):
        status = STATUSES[line.status]
        row = f"{held.election.indicator(line.indicator).label} {status.shape} {status.word} {count_of(line)} {marks.percent(line.share)} {marks.percent(line.expected)}"
        assert row.replace("\u00a0", " ") in said
    whole, = (line for line in readiness.lines(held, everything, held.election.places[place].summed_at, days=(on,), place=place) if line.domain == "all")
    assert f"{marks.percent(whole.share)} {STATUSES[whole.status].shape} {STATUSES[whole.status].word}".replace("\u00a0", " ") in said


@pytest.mark.parametrize(("place", "on"), CASES)
def test_the_slides_hold_the_figures_of_that_day(held: Store, everything: Scope, paper_of: Any, place: str, on: date) -> None:
    show = Presentation(io.BytesIO(pptx(paper_of(place, on))))
    rows = {row[0]: row for row in _tables(show.slides[1])[0]}
    for line in indicators(held, everything, place, on):
        told = rows[held.election.indicator(line.indicator).label]
        status = STATUSES[line.status]
        assert told[1:5] == [f"{status.shape} {status.word}", count_of(line), marks.percent(line.share), marks.percent(line.expected)]
    of = {line.domain: line for line in readiness.lines(held, everything, held.election.places[place].summed_at, days=(on,), place=place) if line.indicator == "all"}
    chart = next(shape.chart for shape in show.slides[0].shapes if shape.has_chart)
    assert [list(series.values) for series in chart.plots[0].series] == [
        [of[name].share for name in ("all", *(domain.name for domain in held.election.domains))], [of[name].expected for name in ("all", *(domain.name for domain in held.election.domains))]]


@pytest.mark.parametrize(("place", "on"), CASES)
def test_the_workbook_holds_the_figures_of_that_day_as_numbers(held: Store, everything: Scope, paper_of: Any, place: str, on: date) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(paper_of(place, on))))
    scope = everything.within(held.election.places, place)
    levels = {"country": ("national", "province", "district"), "province": ("province", "district"), "district": ("district",)}[held.election.places[place].level]
    for domain in held.election.domains:
        sheet = book[domain.label]
        assert sheet.freeze_panes == "A3"
        head, *rows = sheet.iter_rows(min_row=2, values_only=True)
        assert len(set(head)) == len(head)
        told = {(row[0], row[4]): (row[6], row[7], row[8], row[9], row[10]) for row in rows}
        wanted = {(line.place_code, line.indicator): (line.done, line.required, line.share, line.expected, STATUSES[line.status].word)
                  for level in levels for line in readiness.lines(held, scope, level, days=(on,)) if line.domain == domain.name}
        assert told.keys() == wanted.keys()
        assert {key: told[key][:2] + told[key][4:] for key in told} == {key: wanted[key][:2] + wanted[key][4:] for key in wanted}
        assert [told[key][3] for key in wanted] == pytest.approx([wanted[key][3] for key in wanted])
        known = [key for key in wanted if wanted[key][2] is not None]
        assert [told[key][2] for key in known] == pytest.approx([wanted[key][2] for key in known])
        assert all(told[key][2] is None for key in wanted if key not in known)
        assert len(rows) == len(wanted)


@pytest.mark.parametrize("place", ["PK7", "PK2"])
def test_the_document_says_what_the_provinces_page_says(held: Store, open_page: OpenPage, everything: Scope, paper_of: Any, place: str) -> None:
    app = open_page(held, "province", place=place)
    page, paper = " ".join(text_of(app).split()), " ".join(printed(paper_of(place)))
    title = re.search(r"[^.;]*behind plan; furthest behind: [\w ]+ in [\w ]+?(?= (?:General|<|as of|\S*[\u0600-\u06ff]))", page)[0].strip()
    assert title.split(": ", 1)[1] in paper
    told = asks(held, everything, place=place, on=TODAY)
    assert told
    for one in told:
        words = asking.words(one)
        assert words in page and f"{one.part.indicator.label}: {words}" in paper
        assert one.office.of(held.election.places[place]) in paper
    late = [entry for entry in clock(held, everything, "province", on=TODAY, place=place) if entry.state == "at_risk"]
    assert late
    for entry in late:
        assert f"{entry.worst.indicator.label} {entry.worst.projection.short:,} short on" in paper


def test_asks_changes_actions_and_silence_stand_in_all_three(held: Store, everything: Scope, paper_of: Any) -> None:
    paper = paper_of("PK2")
    show = Presentation(io.BytesIO(pptx(paper)))
    slides = " ".join(" ".join(cell for table in _tables(slide) for row in table for cell in row) for slide in show.slides)
    book = openpyxl.load_workbook(io.BytesIO(xlsx(paper)))
    cells = " ".join(str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value is not None)
    pages = " ".join(printed(paper))
    still = [one for one in actions.actions(held, everything, on=TODAY, place="PK2") if one.state == "open"]
    wanted = ["Chief Secretary, Balochistan", "Inspector General of Police, Balochistan", "Washuk", *(one.what for one in still), *(one.who for one in still),
              *(asking.words(one) for one in asks(held, everything, place="PK2", on=TODAY)[:3])]
    assert len(still) == 2 and all(words in slides and words in cells and words in pages for words in wanted)
    met = meetings.last(held, everything, "PK2", TODAY)
    assert f"Changes since the meeting of {met.held_on.day} Nov 2026, chaired by {met.chaired_by}" in pages


@pytest.mark.parametrize("place", ["PK", "PK7", "PK708"])
def test_on_every_page_stands_of_what_it_is(held: Store, everything: Scope, paper_of: Any, place: str) -> None:
    sources = {reference(one) for one in readiness.sources(held, everything, place=place, on=TODAY)["submission"]}
    assert sources
    since = paper_of(place).since
    wanted = [held.election.places[place].name, "as of 26 Nov 2026", "generated 26 Nov 2026, 14:05 UTC", f"changes since {since.day} Nov 2026", "Example data", *sources]
    pages = printed(paper_of(place))
    for number, page in enumerate(pages, 1):
        assert [words for words in (*wanted, f"page {number} of {len(pages)}") if words not in page] == []
    show = Presentation(io.BytesIO(pptx(paper_of(place))))
    assert len(show.slides) == 6
    for slide in show.slides:
        said = " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert [words for words in wanted if words not in said] == []
    for sheet in openpyxl.load_workbook(io.BytesIO(xlsx(paper_of(place)))):
        assert [words for words in wanted if words not in sheet["A1"].value] == []
        assert "Example data" in sheet.oddFooter.left.text


def test_with_hundreds_of_submissions_some_are_named_and_the_workbook_lists_all(held: Store, paper_of: Any) -> None:
    from dataclasses import replace

    import pandas as pd

    paper = paper_of("PK7")
    many = pd.concat([paper.sources.assign(submission=[f"00000000-0000-0000-0000-{number:04d}{at:08d}" for at in range(len(paper.sources))]) for number in range(50)])
    many = replace(paper, sources=many.assign(submission=[f"00000000-0000-0000-0000-0000{at:08d}" for at in range(len(many))]))
    assert len(printed(many)) == 2
    assert f"{len(many.sources)} submissions: 00000000, 00000001" in printed(many)[0]
    assert f"and {len(many.sources) - 30} more, all listed in the workbook" in printed(many)[0]
    assert len(list(openpyxl.load_workbook(io.BytesIO(xlsx(many)))["Sources"].iter_rows(min_row=3))) == len(many.sources)


@pytest.mark.parametrize("place", PROVINCES)
def test_a_provinces_document_has_two_pages(paper_of: Any, place: str) -> None:
    assert len(document(paper_of(place)).pages) == 2


def test_the_document_is_tagged_with_bookmarks_its_fonts_within_and_no_picture(paper_of: Any) -> None:
    read = document(paper_of("PK7"))
    root = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root and root["/Lang"] == "en"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in read.xmp_metadata.stream.get_data()
    assert read.metadata.title == "Sindh, as of 26 Nov 2026: paper for the meeting"
    assert {"Legal clock", "Where we stand against the plan", "What will be late", "Asks", "Chief Secretary, Sindh", "Open actions", "Notes", "Who has not reported"} <= set(_bookmarks(read.outline))
    kinds = set(_kinds(root["/StructTreeRoot"]))
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= kinds
    fonts = [font.get_object() for page in read.pages for font in page["/Resources"]["/Font"].values()]
    assert all("/FontFile2" in font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts)
    assert {"NotoNastaliqUrdu", "SourceSans3", "SourceSerif4"} <= {font["/BaseFont"].split("+")[1].split("-")[0] for font in fonts}
    assert [page.images for page in read.pages if list(page.images)] == []
    assert set("سندھ") <= set(read.pages[0].extract_text())


def test_the_slides_can_be_edited_and_are_told_to_who_does_not_see_them(paper_of: Any) -> None:
    show = Presentation(io.BytesIO(pptx(paper_of("PK7"))))
    charts = [shape for slide in show.slides for shape in slide.shapes if shape.has_chart]
    assert len(charts) == 3
    assert all("Sindh" in shape._element.nvGraphicFramePr.cNvPr.get("descr") for shape in charts)
    assert all(slide.shapes.title.text_frame.text for slide in show.slides)
    assert [shape.name for slide in show.slides for shape in slide.shapes if shape.shape_type == 13] == []  # no picture
    for slide in show.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= show.slide_width and shape.top >= 0 and shape.top + shape.height <= show.slide_height


def test_much_that_was_written_has_its_end_and_the_document_two_pages(example: Store, everything: Scope) -> None:
    for number in range(30):
        actions.decide(example, everything, "PK2", f"Action {number}: " + "repair what the rain has washed away, and say so. " * 15, "Chief Secretary of the province", TODAY + timedelta(days=number),
                       indicator="PS1", by="A")
        notes.write(example, everything, "PK2", f"Note {number}: " + "the road is closed again. " * 30, by="A")
    paper = gather(example, everything, "PK2", TODAY, made_at=MADE)
    pages = printed(paper)
    assert len(pages) == 2
    assert len(re.findall(r"and \d+ more: see the workbook", " ".join(pages))) == 2
    show = Presentation(io.BytesIO(pptx(paper)))
    assert all(len(cell) <= 200 for slide in show.slides for table in _tables(slide) for row in table for cell in row)
    book = openpyxl.load_workbook(io.BytesIO(xlsx(paper)))
    assert len(list(book["Open actions"].iter_rows(min_row=3))) == 32 and len(list(book["Notes"].iter_rows(min_row=3))) == 30


def test_what_somebody_wrote_is_nothing_but_text(example: Store, everything: Scope) -> None:
    written = ["=1+1", "#pagebreak() *bold* $x$ <label> @ref \\", "漢字 🙂 ضلع جامشورو", "a & b < c", "bell\u0007 and\u200f mark"]
    for one in written:
        notes.write(example, everything, "PK708", one, by="A & B")
    paper = gather(example, everything, "PK708", TODAY, made_at=MADE)
    said = " ".join(printed(paper))
    assert "=1+1" in said and "#pagebreak() *bold* $x$ <label> @ref \\" in said and "□□ □" in said and "a & b < c" in said and "bell and mark" in said
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(paper)))["Notes"]
    cells = {row[0].value: row[0].data_type for row in sheet.iter_rows(min_row=3)}
    assert {one: cells[one] for one in written[:4]} == dict.fromkeys(written[:4], "s")
    assert len(Presentation(io.BytesIO(pptx(paper))).slides) == 6


@pytest.mark.parametrize("form", forms.MAKERS)
def test_who_does_not_see_the_whole_of_a_place_gets_no_paper_of_it(held: Store, form: str) -> None:
    jamshoro = Scope.of(held.election.places, ["PK708"])
    assert forms.make(held, jamshoro, "PK708", TODAY, form)
    for place in ("PK7", "PK", "PK702"):
        with pytest.raises(PermissionError, match="not for this viewer"):
            forms.make(held, jamshoro, place, TODAY, form)


@pytest.mark.parametrize("place", ["PK7", "PK708"])
def test_a_paper_is_the_same_for_whoever_sees_that_place_alone_and_names_no_other(held: Store, everything: Scope, paper_of: Any, place: str) -> None:
    alone = gather(held, Scope.of(held.election.places, [place]), place, TODAY, made_at=MADE)
    assert printed(alone) == printed(paper_of(place))
    places = held.election.places
    inside = {places[place].name, *(one.name for one in places.districts_of(place)), places[places[place].province].name if place == "PK708" else ""}
    others = {one.name for one in (*places.provinces, *places.districts)} - inside
    others = {name for name in others if not any(name in own for own in inside)}
    cells = " ".join(str(value) for sheet in openpyxl.load_workbook(io.BytesIO(xlsx(alone))) for row in sheet.iter_rows(values_only=True) for value in row if value is not None)
    for said in (" ".join(printed(alone)), cells):
        told = re.sub(r"ECP Secretariat, Islamabad", "", said)
        assert [name for name in others if name in told and re.search(rf"\b{re.escape(name)}\b", told)] == []


@pytest.mark.parametrize("form", forms.MAKERS)
def test_where_nothing_is_reported_the_paper_says_so(tmp_path: Path, form: str) -> None:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path))) as store:
        scope = Scope.everything(store.election.places)
        for place in ("LL", "NO", "N1"):
            assert forms.make(store, scope, place, date(2023, 11, 25), form)
        said = " ".join(printed(gather(store, scope, "NO", date(2023, 11, 25), made_at=MADE)))
    assert "Not reported" in said and "no submission" in said and "Example data" not in said and "No action is open." in said
    assert "North: nothing has been reported yet" in said and "Nothing that lies ahead" not in said
    assert "Nothing has been reported, so nothing can be asked for by number." in said


def test_what_has_no_room_on_a_slide_is_counted(example: Store, everything: Scope) -> None:
    for number in range(9):
        actions.decide(example, everything, "PK2", f"Action {number}: " + "repair what the rain has washed away, and say so. " * 6, "Chief Secretary of the province", TODAY, by="A")
    slide = Presentation(io.BytesIO(pptx(gather(example, everything, "PK2", TODAY, made_at=MADE)))).slides[5]
    told, silent = _tables(slide)
    assert 2 < len(told) < 9 and re.match(r"and \d+ more", told[-1][0]) and len(silent) > 3


@pytest.mark.parametrize("name", ["Notes", "A/B: [what?] *", "x" * 40, "'quoted'"])
def test_a_domain_may_be_called_anything(name: str) -> None:
    import xlsxwriter

    from pages.papers.workbook import _Sheets

    with xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True}) as book:
        sheets = object.__new__(_Sheets)
        sheets._book = book
        for _ in range(3):
            book.add_worksheet(sheets._named(name))
        assert len({sheet.get_name() for sheet in book.worksheets()}) == 3


def test_a_paper_of_real_data_says_nothing_of_examples(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path))) as store:
        hand_in(store, "training", [course("N1", "PRO", "PRO", required=10, attended=4)], date(2023, 11, 24))
        paper = gather(store, Scope.everything(store.election.places), "N1", date(2023, 11, 25), made_at=MADE)
    assert "4 of 10" in " ".join(printed(paper)) and "Example" not in " ".join(printed(paper))
    assert "Example" not in openpyxl.load_workbook(io.BytesIO(xlsx(paper)))["Training"]["A1"].value


class Country:
    """The small country on the command line."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys, self.election = folder, capsys, election_in(folder)
        with closing(Store(folder / "small.duckdb", self.election)) as store:
            hand_in(store, "training", [course("N1", "PRO", "PRO", required=10, attended=4)], date(2023, 11, 24))

    def paper(self, *arguments: str, code: int = 0) -> str:
        """What the command says; it must exit with that code."""
        self.capsys.readouterr()
        given = ["paper", *arguments, "--database", str(self.folder / "small.duckdb"), "--election", str(self.folder / "election.toml")]
        assert main(given, above=ABOVE) == code
        return self.capsys.readouterr().err


@pytest.fixture
def country(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Country:
    return Country(tmp_path, capsys)


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF"), ("pptx", b"PK"), ("xlsx", b"PK")])
def test_the_command_writes_each_form(country: Country, form: str, begins: bytes) -> None:
    file = country.folder / f"paper.{form}"
    assert "Written" in country.paper("--place", "North", "--as-of", "2023-11-25", "--format", form, "-o", str(file))
    assert file.read_bytes().startswith(begins)


def test_while_the_dashboard_runs_it_makes_the_paper(country: Country) -> None:
    with closing(Store(country.folder / "small.duckdb", country.election)) as store, open_door(store, partial(answer, above=ABOVE)):
        file = country.folder / "paper.pdf"
        assert "Written" in country.paper("--place", "N1", "--as-of", "2023-11-25", "-o", str(file))
        assert "4 of 10" in " ".join(page.extract_text() for page in pypdf.PdfReader(file).pages)
        assert "is a division" in country.paper("--place", "NO-1", "-o", str(file), code=2)


@pytest.mark.parametrize(("arguments", "says"), [
    (["--place", "Atlantis"], "is not a place of this election"),
    (["--place", "NO-1"], "is a division"),
    (["--since", "2023-11-25"], "since a day before 25/11/2023"),
    (["--format", "docx"], "invalid choice"),
])
def test_what_the_command_cannot_do_it_says_and_writes_nothing(country: Country, arguments: list[str], says: str) -> None:
    file = country.folder / "paper.pdf"
    assert says in country.paper("--as-of", "2023-11-25", "-o", str(file), *arguments, code=2)
    assert not file.exists()


@pytest.mark.parametrize("page", ["national", "province", "district", "changes", "meetings"])
def test_each_form_is_one_click_away(open_page: OpenPage, held: Store, page: str) -> None:
    app = open_page(held, page)
    assert not app.exception
    links = dict(re.findall(r'<a href="(paper/[^"]+)" download[^>]*>([^<]+)</a>', " ".join(element.proto.body for element in app.get("html"))))
    assert list(links.values()) == ["PDF", "Slides", "Workbook"]
    assert all(re.fullmatch(r"paper/paper-PK\d*-\d{4}-\d\d-\d\d\.(pdf|pptx|xlsx)(\?since=\d{4}-\d\d-\d\d)?", link) for link in links)


def _tables(slide: Any) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in shape.table.rows] for shape in slide.shapes if shape.has_table]


def _bookmarks(outline: list[Any]) -> Iterator[str]:
    for one in outline:
        if isinstance(one, list):
            yield from _bookmarks(one)
        else:
            yield one.title


def _kinds(element: Any) -> Iterator[str]:
    """The kinds of all that a tagged document is made of."""
    element = element.get_object()
    if isinstance(element, dict):
        if "/S" in element:
            yield str(element["/S"])
        held = element.get("/K", [])
        for one in held if isinstance(held, list) else [held]:
            yield from _kinds(one)


# At an address of its own


def at(held: Store, path: str, opened: Session | None = None) -> Any:
    """The answer of the route to whoever has that session, or to this computer while nobody has an account."""
    app = Starlette(routes=Papers(held).routes)

    async def as_viewer(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, SESSION: opened} if scope["type"] == "http" else scope, receive, send)

    return TestClient(as_viewer).get(path)


def session_of(*sees: str) -> Session:
    account = Account("", "sindh", "PEC Sindh", "provincial", sees, (), ())
    return Session("", account, MADE, MADE, MADE, "", "")


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF"), ("pptx", b"PK"), ("xlsx", b"PK")])
def test_a_paper_has_an_address(held: Store, form: str, begins: bytes) -> None:
    told = at(held, f"/paper/paper-PK7-{TODAY}.{form}", session_of("PK7"))
    assert told.status_code == 200 and told.content.startswith(begins)
    assert (told.headers["content-type"], told.headers["content-disposition"]) == (forms.TYPES[form], f'attachment; filename="paper-PK7-{TODAY}.{form}"')


def test_the_wrong_viewer_gets_no_paper_and_that_stands_in_the_audit(example: Store) -> None:
    for file in (f"paper-PK7-{TODAY}.pdf", f"paper-PK-{TODAY}.xlsx"):
        told = at(example, f"/paper/{file}", session_of("PK708"))
        assert (told.status_code, told.text) == (404, "There is no such paper, or it is not for you to see.")
    assert [line.about["place"] for line in audit.lines(example, act="refused")] == ["PK", "PK7"]
    assert at(example, f"/paper/paper-PK708-{TODAY}.xlsx", session_of("PK708")).status_code == 200


@pytest.mark.parametrize("file", [
    "paper-XX-2026-11-19.pdf", "paper-PK7-2026-13-19.pdf", "paper-PK7-2026-11-19.doc", "paper-PK7-0001-01-01.pdf", "paper.pdf", "..%2fdata%2felection.toml",
    "paper-PK7-2026-11-19.pdf?since=yesterday", "paper-PK7-2026-11-19.pdf?since=2026-11-19", "paper-PK701-2026-11-19.pdf%00"])
def test_what_is_no_paper_is_not_there(held: Store, file: str) -> None:
    assert at(held, f"/paper/{file}").status_code == 404

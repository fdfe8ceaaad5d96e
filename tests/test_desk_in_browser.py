"""In a real browser, at two sizes: a file is uploaded, asked about, sent back marked, corrected, compared, committed, seen, withdrawn."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from data import readiness
from data.scope import Scope
from data.store import Store
from loaders.templates import template
from tests.browsing import LOOKS, SIZES, Watched, picture, served

LAHORE = "PK617"


@pytest.fixture(scope="module")
def sheets(example_store_path: Path, tmp_path_factory: pytest.TempPathFactory, election) -> Path:
    """A folder with Lahore's and Kasur's present training sheet, in which three cells are spoiled."""
    folder = tmp_path_factory.mktemp("sheets")
    copy = folder / "copy.duckdb"
    shutil.copyfile(example_store_path, copy)
    store = Store(copy, election)
    everything = Scope.everything(election.places)
    rows = [readiness.rows(store, everything, "training", place=place, on=store.today) for place in (LAHORE, "PK616")]
    book = openpyxl.load_workbook(io.BytesIO(template(election.domain("training"), election.places, place="PK6", rows=pd.concat(rows), as_of=date(2026, 11, 26))))
    store.close()
    sheet = book.worksheets[0]
    column = {(cell.value or "").rstrip(" *"): cell.column for cell in sheet[4]}
    lahore = [row for row in range(5, sheet.max_row + 1) if sheet.cell(row, column["District"]).value == "Lahore"]
    for row in lahore:
        sheet.cell(row, column["Attended"]).value = sheet.cell(row, column["Required (now in post)"]).value
        sheet.cell(row, column["Passed"]).value = 0
    sheet.cell(lahore[0], column["Attended"]).value = "many"
    sheet.cell(lahore[1], column["District"]).value = "Lahroe"
    book.save(folder / "training week 47.xlsx")
    return folder


@pytest.fixture
def server(example_store_path: Path, tmp_path: Path) -> Iterator[str]:
    """A dashboard over the example election of this test's own, for what it hands in."""
    database = tmp_path / "readiness.duckdb"
    shutil.copyfile(example_store_path, database)
    with served(database) as address:
        yield address


@pytest.mark.parametrize("size", SIZES)
def test_from_an_ugly_file_to_the_national_page_and_back(watched: Watched, size: str, sheets: Path, tmp_path: Path) -> None:
    page = watched.page
    before = training_share(watched)
    upload(watched, sheets / "training week 47.xlsx")
    expect(page.get_by_text("1 · Recognised")).to_be_visible()
    picture(page, f"desk-1-questions-{size}")
    expect(page.get_by_text("1 thing can’t be told with certainty")).to_be_visible()
    watched.press("Use these answers")
    expect(page.get_by_text("Settled, and read again.")).to_be_visible()
    expect(page.get_by_text("1 to correct").first).to_be_visible()
    picture(page, f"desk-2-problems-{size}")
    marked = tmp_path / "marked.xlsx"
    watched.press("Mark the problems in the workbook")
    with page.expect_download() as download:
        page.get_by_role("button", name="training week 47-marked.xlsx").click()
    download.value.save_as(marked)
    corrected = correct(marked, tmp_path / "training week 47 corrected.xlsx")

    upload(watched, corrected)
    watched.press("Use these answers")
    expect(page.get_by_text("3 · What will change").first).to_be_visible()  # the one of before may be there until the page is through
    expect(page.get_by_text("nothing to correct")).to_be_visible()
    picture(page, f"desk-3-compared-{size}")
    watched.settle()  # what is written while the page is drawn anew is written into what goes away
    page.get_by_label("A note for the history").fill("week 47, corrected")
    with watched.run():
        page.get_by_label("A note for the history").press("Tab")
    watched.press("Commit 2 districts")
    expect(page.get_by_text("5 · Receipt")).to_be_visible()
    watched.settle()
    picture(page, f"desk-4-receipt-{size}")
    with page.expect_download() as download:
        page.get_by_role("button", name="The receipt as a workbook").click()
    receipt = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert receipt.sheetnames == ["Receipt", "Figures", "Corrections", "Held back", "Warnings"]

    after = training_share(watched)
    assert after != before
    watched.open("history")
    picture(page, f"desk-5-history-{size}")
    page.locator(".er-table tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Training as of 26 Nov 2026")
    watched.settle()
    picture(page, f"desk-6-submission-{size}")
    page.get_by_label("Why (it stays in the history)").fill("the wrong week")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_text("is withdrawn. What stood before it stands again.")).to_be_visible()
    assert training_share(watched) == before
    watched.verdict()


def test_the_whole_way_by_keyboard_alone(watched: Watched, sheets: Path) -> None:
    page = watched.page
    before = training_share(watched)
    # Listened for from the beginning: the browser's own chooser may open before it is told that somebody waits for one.
    page.on("filechooser", lambda chooser: chooser.set_files(sheets / "training week 47.xlsx"))
    watched.open("upload")
    reach(page, "Upload", role="BUTTON")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 · Recognised")).to_be_visible()
    watched.settle()
    reach(page, "Use these answers", role="BUTTON")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Settled, and read again.")).to_be_visible()
    watched.settle()
    reach(page, "Commit 1 district (1 held back)", role="BUTTON")
    page.keyboard.press("Enter")
    expect(page.get_by_text("5 · Receipt")).to_be_visible()
    watched.settle()
    reach(page, "Open it in the history", role="A")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Training as of")
    watched.settle()
    reach(page, "Why (it stays in the history)", role="INPUT")
    page.keyboard.type("a trial")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is withdrawn. What stood before it stands again.")).to_be_visible()
    assert training_share(watched) == before
    watched.verdict()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_an_open_file_and_an_open_submission_are_accessible(watched: Watched, size: str, scheme: str, sheets: Path) -> None:
    upload(watched, sheets / "training week 47.xlsx")
    watched.assert_accessible()
    assert watched.page.evaluate("[...document.querySelectorAll('.er-stacks td')].filter(cell => cell.offsetParent).every(cell => cell.getBoundingClientRect().right <= innerWidth)")
    picture(watched.page, f"desk-open-{size}-{scheme}")
    watched.open("history")
    watched.page.locator(".er-table tbody a").first.click()
    expect(watched.page.get_by_text("What it changed")).to_be_visible()
    watched.settle()
    watched.assert_accessible()
    picture(watched.page, f"submission-open-{size}-{scheme}")
    watched.verdict()


def upload(watched: Watched, path: Path) -> None:
    watched.open("upload")
    watched.page.locator("input[type=file]").set_input_files(path)
    watched.page.wait_for_url("**file=**")
    expect(watched.page.locator(".er-file")).to_have_text(path.name)
    watched.settle()


def correct(marked: Path, path: Path) -> Path:
    """Puts the one marked cell right, as its sender would."""
    book = openpyxl.load_workbook(marked)
    sheet = book["Training"]
    commented = [cell for line in sheet.iter_rows() for cell in line if cell.comment]
    wrong, = (cell for cell in commented if cell.value == "many")
    assert "“many” is not a number" in wrong.comment.text
    wrong.value = 1
    book.save(path)
    return path


def training_share(watched: Watched) -> str:
    watched.open("training?place=PK617")
    return watched.page.locator(".er-table").first.inner_text()


def reach(page: Page, name: str, *, role: str) -> None:
    """Moves by Tab until what bears that name is reached."""
    for _ in range(200):
        page.keyboard.press("Tab")
        found = page.evaluate("[document.activeElement?.tagName, document.activeElement?.ariaLabel || document.activeElement?.innerText || document.activeElement?.textContent]")
        if found[0] == role and name in (found[1] or ""):
            return
    raise AssertionError(f"{name} can't be reached by keyboard")

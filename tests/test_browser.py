"""In a real browser: from the country to one file, by clicks and by keyboard, at two sizes; nothing leaves the machine.

Screenshots are kept in build/screenshots, outside git.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browsing import LOOKS, SIZES, Watched, picture, served

PAGES = ["", "province?place=PK7", "district?place=PK708", "clock", "changes?since=2026-10-29", "meetings", "disagreements", "alerts", "appointments", "repairs", "training", "security", "upload", "history", "definitions"]


@pytest.fixture(scope="session")
def server(example_store_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard over the example election."""
    database = tmp_path_factory.mktemp("served") / "readiness.duckdb"
    shutil.copyfile(example_store_path, database)
    with served(database) as address:
        yield address


@pytest.mark.parametrize("size", SIZES)
def test_from_the_country_to_one_file(watched: Watched, size: str) -> None:
    page = watched.page
    watched.open("")
    expect(page.locator(".er-big")).to_contain_text("ready")
    picture(page, f"walk-1-national-{size}")
    page.locator(".er-table").get_by_role("link", name="Sindh", exact=True).click()
    page.wait_for_url("**/province?**")
    watched.settle()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sindh")
    picture(page, f"walk-2-province-{size}")
    page.locator(".er-table").get_by_role("rowheader").get_by_role("link", name="Jamshoro", exact=True).click()
    page.wait_for_url("**/district?**")
    watched.settle()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jamshoro")
    page.get_by_role("tab", name="Repairs").click()
    expect(page.locator("[data-testid=stDataFrame]:visible")).to_have_count(1)
    picture(page, f"walk-3-district-{size}")
    with page.expect_download() as download:
        page.locator(".er-source").get_by_role("link", name="Download the file").first.click()
    sent = download.value
    assert Path(sent.path()).stat().st_size > 500
    assert sent.suggested_filename.rsplit(".", 1)[1] in ("xlsx", "csv", "ods", "xls", "xlsb")
    watched.verdict()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_a_page_asks_nobody_complains_of_nothing_and_is_accessible(watched: Watched, size: str, path: str, scheme: str) -> None:
    watched.open(path)
    watched.assert_calm()
    picture(watched.page, f"page-{path.split('?')[0] or 'national'}-{size}-{scheme}")
    watched.assert_accessible()
    watched.verdict()


def test_a_page_is_shown_when_it_is_filled_and_does_not_move(watched: Watched) -> None:
    for _ in range(10):  # beside other tests it may take too long
        watched.open("definitions")
        if watched.page.locator("html").get_attribute("data-shown") == "filled":
            break
    assert watched.page.locator("html").get_attribute("data-shown") == "filled"
    watched.assert_calm()
    expect(watched.page.locator("html")).not_to_have_class(re.compile("er-filling"))


def test_a_page_that_is_never_filled_is_shown_all_the_same(watched: Watched) -> None:
    watched.page.route_web_socket("**/_stcore/stream", lambda _: None)  # it is opened, and nothing ever comes
    watched.page.goto(f"{watched.server}/definitions")
    expect(watched.page.locator("html")).to_have_attribute("data-shown", "late")
    expect(watched.page.locator("html")).not_to_have_class(re.compile("er-filling"))


@pytest.mark.parametrize(("form", "begins"), [("PDF", b"%PDF"), ("Slides", b"PK"), ("Workbook", b"PK")])
def test_the_paper_is_one_click_away(watched: Watched, form: str, begins: bytes) -> None:
    watched.open("province?place=PK7&on=2026-11-19")
    with watched.page.expect_download() as download:
        watched.page.get_by_role("link", name=form, exact=True).click()
    assert re.fullmatch(r"paper-PK7-2026-11-19\.(pdf|pptx|xlsx)", download.value.suggested_filename)
    assert Path(download.value.path()).read_bytes().startswith(begins)
    watched.verdict()


def test_a_click_on_the_map_opens_the_district(watched: Watched) -> None:
    watched.open("")
    watched.page.locator("[class*='st-key-district_map'] .bars .point path").first.click(force=True)
    watched.page.wait_for_url("**/district?place=PK**")
    watched.verdict()


def test_a_domain_is_chosen_for_the_map_alone_and_stands_in_the_address(watched: Watched) -> None:
    page = watched.page
    watched.open("?domain=nonsense")
    expect(page.get_by_text("asks for a domain that there is not")).to_be_visible()
    with watched.run():
        page.locator(".st-key-choose_domain").get_by_text("Repairs").click()
    expect(page.get_by_text("asks for a domain that there is not")).to_have_count(0)  # what stands around the map is drawn anew where it has to be
    legend = page.locator(".er-legend").first.inner_text()
    page.evaluate("document.querySelector('.er-headline').dataset.same = ''")
    with watched.run():
        page.locator(".st-key-choose_domain").get_by_text("Training").click()
    expect(page.locator(".er-legend").first).not_to_have_text(legend)
    expect(page.locator(".er-headline[data-same]")).to_be_visible()
    assert page.url.endswith("/?domain=training")
    page.locator("[class*='st-key-district_map'] .bars .point path").first.click(force=True)
    page.wait_for_url("**/district?**place=PK**")
    watched.verdict()


def test_links_keep_the_session_and_back_brings_each_view_again(watched: Watched) -> None:
    page, loads = watched.page, []
    page.on("request", lambda request: loads.append(request.url) if request.is_navigation_request() else None)
    watched.open("?on=2026-11-19")
    page.locator(".er-table").get_by_role("link", name="Sindh", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sindh")
    page.get_by_role("navigation").get_by_role("link", name="Repairs").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Repairs, Sindh")
    assert page.url.endswith("/repairs?on=2026-11-19&place=PK7")
    assert len(loads) == 1, "a link loaded the program anew"
    watched.settle()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sindh: ")
    watched.settle()
    page.go_back()
    expect(page.locator(".er-cards")).to_be_visible()
    expect(page.locator(".er-subject")).to_contain_text("as of 19 Nov 2026")
    assert page.url.endswith("/?on=2026-11-19")
    watched.verdict()


def test_a_date_that_is_typed_goes_along_with_the_link_that_is_clicked_next(watched: Watched) -> None:
    page = watched.page
    watched.open("district?place=PK708")
    page.get_by_test_id("stDateInput").get_by_role("spinbutton").first.click()
    page.keyboard.type("15102026")
    page.get_by_role("navigation").get_by_role("link", name="Repairs").click()
    page.wait_for_url("**/repairs?**")
    watched.settle()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Repairs, Jamshoro")
    expect(page.locator(".er-subject")).to_contain_text("as of 15 Oct 2026")
    watched.verdict()


def test_a_click_on_a_cell_of_the_heat_map_opens_its_district(watched: Watched) -> None:
    watched.open("province?place=PK7&on=2026-11-19")
    drawn = watched.page.locator(".st-key-heat_map .nsewdrag").first
    drawn.scroll_into_view_if_needed()
    box = drawn.bounding_box()
    watched.page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 40)
    watched.page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + 40)
    watched.page.wait_for_url("**/district?**place=PK7**")
    watched.settle()
    expect(watched.page.locator(".er-subject")).to_contain_text("as of 19 Nov 2026")
    watched.verdict()


def test_back_from_a_district_finds_the_maps_domain_again(watched: Watched) -> None:
    watched.open("")
    watched.page.get_by_test_id("stButtonGroup").get_by_text("Repairs").click()
    watched.page.wait_for_url("**?domain=repairs")
    watched.settle()
    watched.page.locator("[class*='st-key-district_map'] .bars .point path").first.click(force=True)
    watched.page.wait_for_url("**/district?**")
    watched.settle()
    watched.page.go_back()
    expect(watched.page.locator(".er-cards")).to_be_visible()
    watched.settle()
    assert "domain=repairs" in watched.page.url
    expect(watched.page.locator("[data-testid=stButtonGroup] button[data-selected=true]")).to_have_text("Repairs")
    watched.verdict()


def test_who_cannot_see_the_map_finds_each_district_by_name(watched: Watched) -> None:
    watched.open("")
    watched.page.get_by_text("The districts by name").focus()
    watched.page.keyboard.press("Enter")
    assert watched.page.locator("details[open] .er-places a").count() == 144
    watched.page.locator("details[open]").get_by_role("link", name="Jamshoro", exact=True).focus()
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**/district?place=PK708")
    expect(watched.page.get_by_role("heading", level=1)).to_contain_text("Jamshoro")
    watched.verdict()


def test_the_date_is_kept_in_the_address(watched: Watched) -> None:
    watched.open("?on=2026-10-15&domain=repairs")
    expect(watched.page.locator(".er-subject")).to_contain_text("as of 15 Oct 2026")
    watched.page.locator(".er-table").get_by_role("link", name="Punjab", exact=True).click()
    watched.page.wait_for_url("**/province?**on=2026-10-15**")
    watched.settle()
    expect(watched.page.locator(".er-subject")).to_contain_text("as of 15 Oct 2026")
    watched.verdict()


def test_a_page_can_be_walked_by_keyboard(watched: Watched) -> None:
    watched.open("")
    reached = set()
    for _ in range(70):
        watched.page.keyboard.press("Tab")
        reached.add(watched.page.evaluate("document.activeElement?.textContent?.trim().slice(0, 40) ?? ''"))
    assert {"Appointments", "Repairs", "Training", "Security", "Sindh"} <= reached
    watched.page.locator(".er-table").get_by_role("link", name="Sindh", exact=True).focus()
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**/province?**")
    watched.verdict()


def test_a_page_outside_the_navigation_is_refused(watched: Watched) -> None:
    watched.page.goto(f"{watched.server}/domain")
    expect(watched.page.get_by_text("Page not found")).to_be_visible()

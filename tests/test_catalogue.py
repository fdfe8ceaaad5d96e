"""The catalogue: every kind of problem and every refusal, each caused by the smallest file, in its own words and on its page."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bad_files import ENTITIES, ONE_CELL, encrypted_open_document, old_office, packed, workbook
from data.domains import DOMAINS
from data.scope import Scope
from data.store import Store
from loaders import __main__ as command_line, parse_child
from loaders.catalogue import EXAMPLES, Refusal, example, page, refusals
from loaders.headers import find
from loaders.answers import Answers, Correction
from loaders.limits import LIMITS, MB
from loaders.problems import KINDS, LoadError
from loaders.sheets import Sheet, read
from loaders.submissions import commit
from loaders.workbook import stage_all
from sheets_checked import ATTOCK, DATED, DAY, EARLIER, Line, handed_in, lines, looked_at, problems, sheet
from sheets_for import book, building, nothing_to_repair, posts, security
from sheets_for import sheet as as_csv
from small_country import election_in

ROOT = Path(__file__).parents[1]
PAGE = page()


@dataclass(frozen=True)
class Case:
    """The smallest sheet with a problem, where that stands and its sentence. `earlier` was handed in before it."""

    lines: list[Line]
    row: int | None
    message: str
    earlier: tuple[list[Line], ...] = ()
    compared: bool = False
    given: dict[str, Any] = field(default_factory=dict)
    besides: tuple[str, ...] = ()  # kinds without which this one can't be


def _fell(**now: Any) -> list[Line]:
    return lines("security", {**security("Attock", personnel=(50, 100)), **now})


CASES = {
    "as_of_missing": Case(
        lines("appointments", ATTOCK, above=()), None,
        "The sheet does not say for which day it was filled in. Write the date beside “As-of date” above the table, or give the date when it is taken in."),
    "as_of_unreadable": Case(
        lines("appointments", ATTOCK, above=(["As-of date", "31/02/2024"],)), 1,
        "Row 1, As-of date: “31/02/2024” can't be read as a date. Write it as day/month/year, such as 26/11/2026."),
    "as_of_ambiguous": Case(
        lines("appointments", ATTOCK, above=(["Appointments as of 10/01/2024"], DATED)), None,
        "More than one day stands above the table: 10 Jan 2024 in row 1 and 20 Jan 2024 in row 2. Write the one for which the figures hold beside "
        "“As-of date” and take the others out, or give the date when it is taken in."),
    "as_of_future": Case(
        lines("appointments", ATTOCK, above=(["As-of date", "02/02/2024"],)), None,
        "The as-of date, 2 Feb 2024, lies after today, 1 Feb 2024. Correct the date."),
    "as_of_differs": Case(
        lines("appointments", ATTOCK), None,
        "The sheet says 20 Jan 2024, the date given when it was taken in is 10 Jan 2024: 10 Jan 2024 was used.", given={"as_of": EARLIER}),
    "no_rows": Case(lines("appointments", ATTOCK)[:2], None, "There is a header but no row under it. Fill in one row for each district and post."),
    "back_dated": Case(
        lines("appointments", ATTOCK, above=(["As-of date", EARLIER],)), None,
        "A newer picture, of 20 Jan 2024 at the latest, already stands for Attock: it stays, and this one goes behind it in the history.",
        earlier=(lines("appointments", ATTOCK),)),
    "sheet_not_read": Case(
        lines("appointments", ATTOCK), None,
        "Sheet “Kasur” was not read, only “Sheet1” was. Rows that belong to the table must stand there, or come in a file of their own.",
        given={"others": [sheet(["Kasur", "DRO", 1, 1, 1, 1, 1], name="Kasur")]}),
    "hidden_rows": Case(
        lines("appointments", *(posts("Attock", post, sanctioned=1) for post in ("DRO", "RO", "PrO", "PO"))), None,
        "Rows that the sheet hides were read like all others: 4–5. Delete those that should not count.", given={"hidden_rows": ((1, 1), (4, 5), (9, 99))}),
    "not_filled_in": Case(
        lines("appointments", ATTOCK, *({"district": district, "post": "RO"} for district in ("Kasur", "Lahore"))), None,
        "Not filled in and left out: 2 rows of Kasur, Lahore. What was reported of them before stays as it was."),
    "printed_total": Case(
        lines("security", *({**security(f"PK5{number:02}"), "stations": 10} for number in range(1, 36) if number != 30),
              *({**security(code), "stations": 10} for code in ("PK530A", "PK530B"))), None,
        "Polling stations adds up to 360 in Khyber Pakhtunkhwa; the printed total is 15,697 (UrduPoint, 28 January 2024).", compared=True),
    "missing_column": Case(
        lines("appointments", {name: value for name, value in ATTOCK.items() if name != "approved"}), 2,
        "Approved: the column is missing. Add it, with this heading, to the table."),
    "repeated_column": Case(
        [DATED, [*lines("appointments", ATTOCK)[1], "In position"], [*lines("appointments", ATTOCK)[2], 0]], 2,
        "Joined: two columns have this heading, G and H. Delete or rename one."),
    "unit_above": Case(
        lines("repairs", {**building("Attock", "A1", "reported"), "cost": 3}, above=(DATED, ["(Rs. in million)"])), 2,
        "Estimated cost (PKR): row 2 says “(Rs. in million)”, but amounts are read as they stand, in rupees. Write them in full."),
    "dates_turned": Case(
        lines("repairs", *({**building("Attock", f"A{due}", "reported"), "due": due} for due in ("13/05/2025", "2025-12-05", "25/05/2025", "2025-01-02"))), 4,
        "Due date: day and month may be turned round in 2 of the dates, the first in row 4: a spreadsheet program that puts the month first "
        "makes dates of those up to the 12th and leaves the others as text. Compare them with the paper."),
    "unknown_column": Case(
        [DATED, [*lines("appointments", ATTOCK)[1], "Turnout"], lines("appointments", ATTOCK)[2]], 2,
        "Turnout: this column is not known and was left out."),
    "no_heading": Case(
        [*lines("appointments", ATTOCK), ["Jhelum", "PrO", 1200, 1200, 1200, 1200, 1, "050"]], 4,
        "Row 4: “050” in column H stands under no heading. Give the column a heading, or take the value out; a comma inside a number makes such a cell."),
    "another_header": Case(
        [*lines("appointments", ATTOCK), [*lines("appointments", ATTOCK)[1], "Remarks"], ["Multan", "x"]], 4,
        "Row 4: Another header stands here, which differs from that of row 2 in column H: “Remarks”. What is below it was not looked at. "
        "Bring all rows under one header, or send each table in a file of its own."),
    "only_names": Case(
        lines("appointments", ATTOCK, {"district": "Attock", "post": "RO"}), 4,
        "Row 4: Only the names are filled in. Fill in the figures or delete the row."),
    "line_ignored": Case(
        [*lines("appointments", ATTOCK), ["Prepared by the district office"]], 4,
        "Row 4: “Prepared by the district office” stands alone and was taken for a note, not for a district's row."),
    "uncertain_date": Case(
        lines("repairs", {**building("Attock", "A1", "reported"), "due": "11/05/2025"}, {**building("Attock", "A2", "reported"), "due": "11/25/2025"}), 3,
        "Row 3, Due date: “11/05/2025” may be read with the day or the month first, for “11/25/2025” in this column has the month first. "
        "Write the month as a word, as in 5 Nov 2026.", besides=("not_a_date",)),
    "read_as": Case(
        lines("appointments", {**posts("Attock", "DRO", sanctioned=10), "joined": "1O"}), 3,
        "Row 3, Joined: “1O” was read as 0, as was settled when the file was taken in. Correct it in the file too.",
        given={"answers": Answers(corrections=(Correction(3, "joined", "0"),))}),
    "left_out": Case(
        lines("appointments", ATTOCK, posts("Muzaffarabad", "RO", sanctioned=1)), 4,
        "Row 4, District: “Muzaffarabad” was settled to be no district of this election: its row was left out.", given={"answers": Answers(left_out=("Muzaffarabad",))}),
    "duplicate": Case(
        lines("appointments", ATTOCK, posts("Distt. Attock", "D.R.O.", sanctioned=1)), 4,
        "Row 4: Attock, District Returning Officer was given already in row 3. Keep one of the two."),
    "counted_together": Case(
        lines("appointments", posts("Attock", "APO", sanctioned=1), posts("Attock", "SAPO", sanctioned=1)), 4,
        "Row 4, Post: “SAPO” counts as Assistant presiding officer, and so does “APO” in row 3. Add the two up in one row; if they are the same, keep one."),
    "nil_and_rows": Case(
        lines("repairs", building("Attock", "A1", "reported"), nothing_to_repair("Attock")), 4,
        "Row 4: NIL says that Attock has nothing to list, but row 3 lists something for it. Take one of the two out."),
    "nil_and_state": Case(
        lines("repairs", {**nothing_to_repair("Attock"), "condition": "Damaged"}), 3,
        "Row 3, Condition: “Damaged” stands beside NIL, which says that Attock has nothing to list. Empty the cell, or write the code in place of NIL."),
    "total_unchecked": Case(
        lines("appointments", ATTOCK, {name: None if name != "district" else "Total" for name in ATTOCK}), 4,
        "Row 4: “Total” was taken for a total and left out; it has no number that could be compared with the rows. If it is no total, correct it."),
    "total_differs": Case(
        lines("appointments", ATTOCK, {**ATTOCK, "district": "Total", "sanctioned": 2}), 4,
        "Row 4, Sanctioned: the total says 2, the rows add up to 1. Correct the total or the row that is wrong."),
    "rows_disappear": Case(
        lines("appointments", ATTOCK), 3,
        "Row 3: Attock has rows in the current picture that are not in this sheet (2, among them Presiding officer). They will no longer count.",
        earlier=(lines("appointments", ATTOCK, *(posts("Attock", post, sanctioned=1) for post in ("PrO", "RO"))),)),
    "missing": Case(lines("appointments", {**ATTOCK, "approved": None}), 3, "Row 3, Approved: the cell is empty. Fill it in."),
    "not_calculated": Case(
        lines("appointments", {**ATTOCK, "sanctioned": "#NOT-CALCULATED!"}), 3,
        "Row 3, Sanctioned: the formula of the cell was never calculated. Open the file in Excel or LibreOffice, save it and send it again."),
    "merged_cell": Case(
        lines("appointments", ATTOCK, {**posts("Attock", "RO", sanctioned=1), "sanctioned": None}), 3,
        "Row 3, Sanctioned: 1 stands in one cell that is merged over rows 3 to 4. Undo the merge and write each row's own.",
        given={"merged": ((3, 3, 4, 3),)}),
    "error_value": Case(
        lines("appointments", {**ATTOCK, "sanctioned": "#REF!"}), 3,
        "Row 3, Sanctioned: the cell holds the error #REF!. Correct its formula or type the value."),
    "not_a_number": Case(
        lines("appointments", {**ATTOCK, "sanctioned": "about 1"}), 3,
        "Row 3, Sanctioned: “about 1” is not a number. Write it in figures, such as 120."),
    "uncertain_number": Case(
        lines("appointments", {**ATTOCK, "sanctioned": "1.000"}), 3,
        "Row 3, Sanctioned: “1.000” may be thousands or decimals. Write thousands with a comma, as in 1,500, and decimals with two figures, as in 1.50."),
    "not_whole": Case(
        lines("appointments", {**ATTOCK, "sanctioned": "1.5"}), 3,
        "Row 3, Sanctioned: 1.5 is not a whole number. Write a count without decimals."),
    "negative": Case(
        lines("appointments", {**ATTOCK, "notified": "-1"}), 3, "Row 3, Notified: -1 is less than 0, which can't be. Write a number from 0."),
    "not_a_date": Case(
        lines("repairs", {**building("Attock", "A1", "reported"), "due": "06/25/2024"}), 3,
        "Row 3, Due date: “06/25/2024” can't be read as a date. Write it as day/month/year, such as 26/11/2026."),
    "unknown_code": Case(
        lines("security", security("Attock", plan="perhaps")), 3,
        "Row 3, Plan status: “perhaps” is not one of the choices. Write one of: Not submitted, Submitted, Returned for changes, Approved."),
    "not_a_code": Case(
        lines("repairs", building("Attock", "3.52021E+12", "reported")), 3,
        "Row 3, Station code: “3.52021E+12” is what a spreadsheet program made of a code that looks like a number or a date. "
        "Format the column as text and type the code again."),
    "looks_the_same": Case(
        lines("repairs", building("Attock", "7", "reported"), building("Attock", "007", "reported")), 4,
        "Row 4, Station code: “007” looks the same as “7” in row 3. If they are the same, keep one of the two."),
    "too_long": Case(
        lines("appointments", {**ATTOCK, "remarks": "long " * 401}), 3,
        "Row 3, Remarks: the text has 2,004 characters; at most 2,000 are kept. Shorten it."),
    "unknown_district": Case(
        lines("security", security("Atok")), 3, "Row 3, District: “Atok” is not a district of this election. Did you mean Attock?"),
    "not_a_district": Case(
        lines("security", security("Punjab")), 3,
        "Row 3, District: “Punjab” is a province, and a district is wanted here. Write a row for each of its districts."),
    "ambiguous_district": Case(
        lines("security", security("South Waziristan")), 3,
        "Row 3, District: “South Waziristan” may be South Waziristan Lower or South Waziristan Upper. Write which one."),
    "outside_domain": Case(
        lines("security", security("Attock")), None, "You may not submit Security. Hand the file to somebody who may, or ask your administrator.",
        given={"may_submit": Scope(frozenset(("PK601",)), frozenset(("repairs",)))}),
    "outside_area": Case(
        lines("security", security("Attock")), 3,
        "Row 3, District: Attock is not a district that you may submit for. Take its rows out.", given={"may_submit": Scope(frozenset(("PK701",)))}),
    "wrong_province": Case(
        lines("security", {"province": "Sindh", **security("Attock")}), 3,
        "Row 3, Province: “Sindh” stands there, but Attock lies in Punjab. Correct one of the two."),
    "rises": Case(
        lines("appointments", {**ATTOCK, "joined": 3}), 3, "Row 3, Joined: 3 is more than the 0 in Notified. Correct one of the two."),
    "parts_differ": Case(
        lines("security", {**security("Attock"), "stations": 11}), 3,
        "Row 3, Polling stations: Normal stations, Sensitive stations, Most sensitive stations add up to 10, but 11 stands here. Correct the number that is wrong."),
    "needed": Case(
        lines("repairs", {**building("Attock", "A1", "certified"), "completed_on": DAY, "certified_by": None}), 3,
        "Row 3, Certified by: must be filled in where Status of work is “Certified”."),
    "needed_soon": Case(
        lines("security", {**security("Attock", briefing=EARLIER), "briefed_by": None}), 3,
        "Row 3, Briefed by: should be filled in where Last briefing on is “10 Jan 2024”."),
    "date_order": Case(
        lines("security", security("Attock", briefing=date(2024, 1, 21))), 3,
        "Row 3, Last briefing on: 21 Jan 2024 is after the as-of date, 20 Jan 2024. Correct one of the two."),
    "percent_differs": Case(
        lines("appointments", {**posts("Attock", "RO", sanctioned=8, notified=8, joined=2), "joined_percent": "52 %"}), 3,
        "Row 3, Joined %: 52 % stands here, but 2 of 8 is 25 %. The counts were taken."),
    "fell": Case(
        _fell(personnel_committed=40), 3,
        "Row 3, Personnel committed: fell from 50 (as of 10 Jan 2024) to 40. If that is right, say why under Remarks.",
        earlier=(lines("security", security("Attock", personnel=(50, 100)), above=(["As-of date", EARLIER],)),)),
    "ten_times": Case(
        _fell(personnel_required=1000), 3,
        "Row 3, Personnel required: 1,000 is ten times or more the 100 of 10 Jan 2024. Check for a digit too many.",
        earlier=(lines("security", security("Attock", personnel=(50, 100)), above=(["As-of date", EARLIER],)),)),
    "ten_times_neighbours": Case(
        lines("security", security("Attock", cameras=(0, 1000)), security("Rawalpindi", cameras=(0, 90)), security("Jhelum", cameras=(0, 80))), 3,
        "Row 3, Cameras required: 1,000 is ten times or more the 90 of the next largest district of its division. Check for a digit too many.",
        compared=True),
    "disagrees": Case(
        _fell(most_sensitive=3), 3, "Row 3, Most sensitive stations: 3 stands here; The police gave 2 for the same day. Settle which is right.",
        earlier=(lines("security", security("Attock", personnel=(50, 100))),)),
}


# How a spreadsheet is refused as a whole, and the sentence.
EXCEL = 'Open it in Excel, choose "Save As" and the type "Excel Workbook (.xlsx)", and send that.'
AS_CSV = 'In Excel choose "Save As" and the type "CSV UTF-8", or send the workbook itself (.xlsx).'
WORKBOOK = "Send the workbook itself (.xlsx, .xls, .xlsb, .ods) or a .csv file."
ANEW = "Open it in Excel, save it as a new .xlsx file and send that."
STRAY = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
SECURITY = next(domain for domain in DOMAINS if domain.name == "security")


def reading(content: bytes, **limits: Any) -> Callable[[Path], object]:
    return lambda folder: read("Lahore.csv", content, replace(LIMITS, **limits))


def finding(*told: Sheet) -> Callable[[Path], object]:
    return lambda folder: find(told, [SECURITY])


def larger_than_may_be(folder: Path) -> object:
    (folder / "large.csv").write_bytes(b"")
    with (folder / "large.csv").open("r+b") as file:
        file.truncate(LIMITS.bytes + 1)
    return command_line._content(folder / "large.csv")


def staging(**sheets: bytes) -> Callable[[Path], object]:
    def staged(folder: Path) -> object:
        with closing(Store(folder / "readiness.duckdb", election_in(folder))) as store:
            return stage_all(store, "weeks.xlsx", book(**sheets), sender="An office")

    return staged


REFUSED: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "two tables": ("ambiguous", finding(*(sheet(*lines("security", security("Attock")), name=name) for name in ("Punjab", "Sindh"))),
        "The workbook holds more than one table that could be meant: Security in “Punjab”, Security in “Sindh”. "
        "Bring the rows under one header, or send each sheet in a file of its own."),
    "a district in two tables": ("ambiguous", staging(Draft=as_csv("security", [security("N1"), security("N2")], DAY), Final=as_csv("security", [security("N2")], DAY)),
        "Two tables of Security, in “Draft” and “Final”, have rows of Birch. "
        "Keep each district in one of the two, or send each sheet in a file of its own."),
    "no table": ("not_recognised", finding(sheet(["Form 45"], name="Form 45")),
        "No table was found in sheet “Form 45”: a header row with these columns was looked for: Security (District, Plan status, Normal stations, "
        "Sensitive stations, Most sensitive stations, Personnel required, Personnel committed, Cameras required, Cameras installed). "
        "Take the template of the domain and fill it in."),
    "a stray quotation mark": ("bad_quotes", reading(b'a,b\n1,"2\n'),
        'The text that begins in line 2 has a quotation mark (") that is not closed where its cell ends. '
        "Correct that line, or send the workbook itself (.xlsx)."),
    "a control character": ("control_characters", reading(b"a,b\n1,\x01\n"),
        f"Line 2 has a character that doesn't belong in text, so this file is damaged or no table. {AS_CSV}"),
    "no bytes": ("empty", reading(b""), "This file is empty. Check that it was saved before it was sent."),
    "no cell": ("empty", reading(b","), "This file has no filled cell in any sheet. Check that the right file was sent."),
    "letters of an unknown code page": ("encoding", reading(b"a\nn\xf1\n"),
        f"The letters of this text file can't be read with certainty (first in line 2). {AS_CSV}"),
    "a password of Excel": ("encrypted", reading(old_office("EncryptedPackage")),
        "This file is protected by a password: remove it (File > Info > Protect Workbook > Encrypt with Password) and send the file again."),
    "a password of LibreOffice": ("encrypted", reading(encrypted_open_document()),
        'This file is protected by a password: remove it (File > Save As, without "Save with password") and send the file again.'),
    "a folder of spreadsheets": ("not_a_spreadsheet", reading(packed({"a.csv": b""})),
        "This file is a compressed folder (ZIP). Unpack it and send the spreadsheets inside, each by itself."),
    "a web page": ("not_a_spreadsheet", reading(b"<html>"), f'This file is a web page (HTML) although its name is "Lahore.csv". {EXCEL}'),
    "an XML file": ("not_a_spreadsheet", reading(b"<?xml "), f"This file is an XML file. {EXCEL}"),
    "noise": ("not_a_spreadsheet", reading(b"\0\0\1\1"), f"This file is neither a workbook nor readable text. {AS_CSV}"),
    "a picture": ("not_a_spreadsheet", reading(b"\x89PNG"), f"This file is a picture (PNG), not a spreadsheet. {WORKBOOK}"),
    "a file that is not there": ("not_found", lambda folder: command_line._content(folder / "nowhere.csv"),
        "This file can't be opened: no such file or directory."),
    "a stray cell": ("stray_cell", reading(workbook(STRAY)),
        'Sheet "Sheet1" has a value in cell XFD1048576, far outside its table: delete it and save again.'),
    "a slow file": ("timed_out", reading(workbook("<row><c><v>1</v></c></row>" * 250_000), seconds=1),
        "Reading this file took more than 1 seconds and was stopped. Send only the sheets and columns that are asked for, or send it in parts, "
        "one for each division."),
    "many cells": ("too_large", reading(b"a,b\n", cells=1),
        "This file has more than 1 cells. Send only the sheet and the columns that are asked for, or send it in parts, one for each division."),
    "many parts": ("too_large", reading(packed({"a": b"", "b": b""}), entries=1), f"This file is an archive of more than 1 parts. {WORKBOOK}"),
    "many bytes": ("too_large", reading(b"a,b\n" * MB, bytes=MB),
        "This file is larger than the 1 MB that can be read. Remove pictures and sheets that are not asked for, or send it in parts."),
    "many bytes on the disk": ("too_large", larger_than_may_be, "This file is larger than 50 MB. Send only the sheet and the columns that are asked for."),
    "much to hand back": ("too_large", reading(b"a,b\n" * 9_999, result=9_999),
        "This file needs more memory than reading may use. Often a stray value far outside the table is the cause: press Ctrl+End in each sheet, "
        "delete what lies outside the table, save and send again."),
    "much when unpacked": ("too_large", reading(packed({"a": bytes(2 * MB)}), unpacked=MB),
        "This file would grow to 2 MB when opened, more than the 1 MB that can be read. Send only the sheets and columns that are asked for."),
    "many columns": ("too_many_columns", reading(b"a,b\n", columns=1),
        'Sheet "Lahore" has more than 1 columns. Send only the columns that are asked for.'),
    "many rows": ("too_many_rows", reading(b"a\nb\nc\n", rows=1), 'Sheet "Lahore" has more than 1 rows. Send it in parts, one for each division.'),
    "half a workbook": ("truncated", reading(workbook(ONE_CELL)[:-99]),
        "This file is cut off or damaged, as after a broken transfer. Open it where it was made, save it again and send that copy."),
    "an .xls without content": ("unreadable", reading(old_office("Workbook")),
        f"This file can't be read as a spreadsheet: it is damaged, or made by a program that writes its own kind. {ANEW}"),
    "a column without letters": ("unreadable", reading(workbook('<row r="1"><c r="?1"><v>1</v></c></row>')),
        'This file names a column "?" and is damaged. Save it again in Excel.'),
    "a document type": ("unsafe", reading(workbook("", **{"xl/worksheets/sheet1.xml": f"{ENTITIES}<worksheet/>"})),
        f"This file holds instructions that no spreadsheet needs (a document type), so it was not opened. {ANEW}"),
    "a path upwards": ("unsafe", reading(packed({"../a": b""})), f"This file was not opened, because its parts would be written outside their folder. {ANEW}"),
}
UNREADABLE = {  # of the sentences above, what the computer and not a file causes
    "not_now": "The file could not be read just now, because this computer is too busy, or lacks room or processes. Try again in some minutes; "
               "if it stays so, tell the administrator."}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_problem_is_said_in_these_words_and_nothing_else_is(kind, election, request):
    case = CASES[kind]
    if case.earlier or case.compared:
        store = request.getfixturevalue("store")
        for told in case.earlier:
            commit(store, handed_in(store, *told, sender="The police"))
        sender = "A commission office" if kind == "disagrees" else "The police"
        found = handed_in(store, *case.lines, sender=sender)
    else:
        found = looked_at(election, *case.lines, **case.given)
    assert [one for one in problems(found) if one[0] not in case.besides] == [(kind, case.row, case.message)]
    assert found.blocked is KINDS[kind].blocks


@pytest.mark.parametrize("case", REFUSED)
def test_each_refusal_is_said_in_these_words(case: str, tmp_path: Path) -> None:
    kind, take_in, sentence = REFUSED[case]
    with pytest.raises(LoadError) as refused:
        take_in(tmp_path)
    assert (refused.value.kind, refused.value.message) == (kind, sentence)


@pytest.mark.parametrize("refusal", [one for one in refusals() if one.of == "A spreadsheet"], ids=lambda one: one.kind)
def test_no_refusal_of_a_spreadsheet_lacks_a_file_that_causes_it(refusal: Refusal) -> None:
    said = re.compile(".*".join(map(re.escape, refusal.sentence.split("…"))))
    caused = [(kind, sentence) for kind, _, sentence in REFUSED.values()] + list(UNREADABLE.items())
    assert [kind for kind, sentence in caused if kind == refusal.kind and said.fullmatch(sentence)]


def test_the_page_is_what_the_code_says() -> None:
    """`python -m loaders.catalogue > docs/problems.md` writes it anew."""
    assert (ROOT / "docs" / "problems.md").read_text(encoding="utf-8") == PAGE


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_on_the_page_is_what_the_smallest_sheet_is_told(kind: str) -> None:
    assert example(kind) == CASES[kind].message
    assert f"| `{kind}` | {'blocks' if KINDS[kind].blocks else 'warns'} |" in PAGE


def test_no_example_and_no_case_is_of_a_kind_that_there_is_not() -> None:
    assert set(EXAMPLES) == set(CASES) == set(KINDS)


def test_every_kind_of_refusal_that_the_source_names_stands_on_the_page() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "loaders").glob("*.py"))
    named = {*re.findall(r'LoadError\(\s*"(\w+)"', source), *(getattr(parse_child, name)[0] for name in re.findall(r"LoadError\(\*(\w+)\)", source))}
    assert named == {refusal.kind for refusal in refusals()}
    assert all(f"| `{refusal.kind}` |" in PAGE for refusal in refusals())

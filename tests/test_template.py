"""A template: what it offers, and that it is taken back just as it was given."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter

from data import readiness
from data.domains import DOMAINS
from loaders.answers import Answers
from loaders.problems import KINDS
from loaders.sheets import read
from loaders.submissions import commit, stage
from loaders.templates import INSTRUCTIONS, LISTS, template
from sheets_for import building, course, hand_in, nothing_to_repair, posts, security

DAY = date(2024, 1, 20)
HEADER = 4
each_domain = pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)

# A sheet of each domain with what is awkward to write back: amounts, dates, Urdu, and texts that look like something else.
REPORTED = {
    "appointments": [{**posts("PK601", post, sanctioned=5, notified=2, joined=1), "women": 1, "remarks": "=SUM(A1:A9)"} for post in ("DRO", "PrO")],
    "repairs": [
        {**building("PK601", "0042", "certified"), "completed_on": DAY, "cost": 1250000.5, "tehsil": "حضرو", "remarks": "+92 51 1234567"},
        {**building("PK601", "3520212345671", "alternative"), "station_name": "Girls' school “Model”", "due": date(2024, 2, 1), "remarks": "@office"},
        nothing_to_repair("PK617")],
    "training": [course("PK601", "CERS1", "EO", required=9, attended=4, passed=3), course("PK701", "POLL", "PO", required=0, attended=0)],
    "security": [{**security("PK601", briefing=date(2024, 1, 15)), "remarks": "-5 since last week"}, security("PK701", plan="approved")],
}


def opened(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))


def shape(rows: pd.DataFrame) -> list[dict]:
    """What was reported, apart from where it stood."""
    return rows.drop(columns=["row", "submission", "as_of"]).astype(object).where(rows.notna(), None).to_dict("records")


def heads(domain) -> list[str]:
    return [f"{column.label} *" if column.required else column.label for column in domain.columns if column.kind != "percent"]


@each_domain
def test_a_template_has_the_declared_columns_with_the_required_ones_marked_and_no_percentages(domain, election):
    table = opened(template(domain, election.places)).worksheets[0]
    assert [cell.value for cell in table[HEADER]] == heads(domain)
    assert table.title == domain.label and domain.row in table["A1"].value and table["A2"].value == "As-of date" and table["B2"].value is None


@each_domain
def test_a_blank_template_has_every_district_of_the_place_asked_for(domain, election):
    table = opened(template(domain, election.places, place="PK7")).worksheets[0]
    listed = [(line[0], line[1]) for line in table.iter_rows(min_row=HEADER + 1, values_only=True)]
    assert {district for _, district in listed} == {district.name for district in election.places.districts_of("PK7")}
    assert {province for province, _ in listed} == {"Sindh"}


def test_where_a_post_tells_rows_apart_each_district_has_each_post(election):
    domain = election.domain("appointments")
    table = opened(template(domain, election.places)).worksheets[0]
    listed = [line[1:3] for line in table.iter_rows(min_row=HEADER + 1, values_only=True)]
    assert listed == [(district.name, post.label) for district in election.places.districts for post in domain.column("post").codes]


@each_domain
def test_each_column_accepts_what_it_is_for_and_explains_itself(domain, election):
    table = opened(template(domain, election.places)).worksheets[0]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in table.data_validations.dataValidation}
    for number, column in enumerate((one for one in domain.columns if one.kind != "percent"), 1):
        rule = rules[table.cell(HEADER + 1, number).coordinate]
        wanted = {"count": ("whole", "greaterThanOrEqual", "0"), "money": ("decimal", "greaterThanOrEqual", "0")}.get(column.kind)
        wanted = wanted or ({"date": "date", "code": "list", "district": "list"}.get(column.kind, "textLength"), rule.operator, rule.formula1)
        assert (rule.type, rule.operator, rule.formula1) == wanted
        assert column.help[:200] in rule.prompt and ("Must be filled in." in rule.prompt) is column.required
        assert column.kind != "date" or table.column_dimensions[get_column_letter(number)].number_format == "dd/mm/yyyy"
    assert rules["B2"].type == "date" and table["B2"].number_format == "dd/mm/yyyy"
    assert table.freeze_panes == table.cell(HEADER + 1, 2 + heads(domain).index("District *")).coordinate


@each_domain
def test_the_choices_stand_in_a_hidden_sheet(domain, election):
    book = opened(template(domain, election.places, place="PK617"))
    assert book[LISTS].sheet_state == "hidden" and book[INSTRUCTIONS].sheet_state == "visible"
    lists = {column[0]: [choice for choice in column if choice] for column in book[LISTS].iter_cols(values_only=True)}
    wanted = [[code.label for code in column.codes] for column in domain.columns if column.codes] + [["Lahore"]]
    assert list(lists.values()) == wanted


@each_domain
def test_the_instructions_name_every_column_choice_rule_and_warning(domain, election):
    told = "\n".join(f"{left}: {right}" for left, right in opened(template(domain, election.places))[INSTRUCTIONS].iter_rows(values_only=True))
    for column in domain.columns:
        assert column.kind == "percent" or f"Column: {column.label}: " in told
        assert all(code.label in told for code in column.codes)
    assert told.count("Must hold: ") + told.count("Should hold: ") == len(domain.rules)
    assert all(kind.about in told for kind in KINDS.values() if not kind.blocks)
    assert ("NIL" in told) is bool(domain.nil) and domain.row in told


def test_rules_are_told_in_the_words_of_the_sheet(election):
    told = [right for left, right in opened(template(election.domain("repairs"), election.places))[INSTRUCTIONS].iter_rows(values_only=True) if "hold" in left]
    assert told == [
        "Certified by: filled in where Status of work is “Certified”.", "Alternative station: filled in where Status of work is “Alternative notified”.",
        "Completed on: filled in where Status of work is “Completed” or “Certified”.", "Completed on is not after the as-of date."]
    told = [right for left, right in opened(template(election.domain("security"), election.places))[INSTRUCTIONS].iter_rows(values_only=True) if "hold" in left]
    assert told[0] == "Normal stations + Sensitive stations + Most sensitive stations = Polling stations."
    assert told[-1] == "Briefed by: filled in where Last briefing on is filled in."


@each_domain
def test_a_blank_template_handed_in_has_no_rows(domain, election, store):
    staged = stage(store, "blank.xlsx", template(domain, election.places, place="PK617"), sender="A commission office", answers=Answers(as_of=DAY))
    assert staged.checked.domain is domain
    assert [found.kind for found in staged.problems] == ["no_rows"]


@each_domain
def test_a_template_filled_in_for_one_district_is_taken_for_that_one(domain, election, store):
    book = opened(template(domain, election.places, as_of=DAY))
    table, reported = book.worksheets[0], REPORTED[domain.name][0]
    names = [column.name for column in domain.columns if column.kind != "percent"]
    rows = [row for row in range(HEADER + 1, table.max_row + 1) if table.cell(row, 1 + names.index("district")).value == "Attock"]
    for row in rows:
        for number, name in enumerate(names, 1):
            if name in reported and name != "remarks" and table.cell(row, number).value is None:
                table.cell(row, number, reported[name])
    content = io.BytesIO()
    book.save(content)
    staged = stage(store, "partly.xlsx", content.getvalue(), sender="A commission office")
    assert [found.kind for found in staged.problems] == ["not_filled_in"] and "143 districts" in staged.problems[0].message
    assert staged.checked.districts == ("PK601",) and staged.checked.rows.num_rows == len(rows)


@each_domain
def test_a_filled_template_is_taken_back_as_the_very_same_rows(domain, store, everything):
    hand_in(store, domain.name, REPORTED[domain.name], DAY)
    before = readiness.rows(store, everything, domain.name, place="PK", on=DAY)
    content = template(domain, store.election.places, rows=before, as_of=DAY)
    staged = stage(store, "filled.xlsx", content, sender="A commission office")
    assert staged.problems == () and staged.checked.as_of == DAY
    commit(store, staged)
    after = readiness.rows(store, everything, domain.name, place="PK", on=DAY)
    assert set(after["submission"]).isdisjoint(before["submission"])
    assert shape(after) == shape(before)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A1", "http://example.org", "_x0041_", "{=1}"])
def test_a_text_is_written_as_text_whatever_it_begins_with(text, store, everything):
    hand_in(store, "repairs", [{**building("PK601", "A1", "reported"), "remarks": text}], DAY)
    found = readiness.rows(store, everything, "repairs", place="PK", on=DAY)
    content = template(store.election.domain("repairs"), store.election.places, rows=found, as_of=DAY)
    cell = opened(content).worksheets[0].cell(HEADER + 1, 1 + heads(store.election.domain("repairs")).index("Remarks"))
    assert cell.data_type != "f" and cell.hyperlink is None
    read_back = read("filled.xlsx", content)[0].cells.to_pylist()[-1]
    assert text in read_back.values()

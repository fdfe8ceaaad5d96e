"""The places: what they are, and which district a written name means."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from data.places import Match, Place, Places, PlacesError, load

FOLDER = Path(__file__).parent.parent / "data" / "places"
GENERAL_ELECTION = ("PK2", "PK4", "PK5", "PK6", "PK7")


@pytest.fixture(scope="module")
def everywhere() -> Places:
    return load(FOLDER)


@pytest.fixture(scope="module")
def places() -> Places:
    return load(FOLDER, GENERAL_ELECTION)


def test_the_general_election_has_144_districts(places: Places) -> None:
    counts = {province.short: len(places.districts_of(province.code)) for province in places.provinces}
    assert counts == {"PB": 41, "SD": 30, "KP": 36, "BA": 36, "ICT": 1}
    assert len(places.districts) == 144


def test_azad_kashmir_and_gilgit_baltistan_are_places_too(everywhere: Places) -> None:
    assert [len(everywhere.districts_of(code)) for code in ("PK1", "PK3")] == [10, 14]


def test_every_district_has_a_tile_of_its_own(everywhere: Places) -> None:
    tiles = Counter(district.tile for district in everywhere.districts)
    assert max(tiles.values()) == 1
    assert max(column for column, _ in tiles) < 20 and max(row for _, row in tiles) < 20


@pytest.mark.parametrize("code", ["PK", "PK1", "PK2", "PK3", "PK4", "PK5", "PK6", "PK7"])
def test_the_tiles_of_a_province_are_one_piece(everywhere: Places, code: str) -> None:
    tiles = {district.tile for district in everywhere.districts_of(code)}
    assert _reached(tiles) == tiles


def test_the_general_election_is_one_piece_on_the_tile_map(places: Places) -> None:
    tiles = {district.tile for district in places.districts}
    assert _reached(tiles) == tiles


def _reached(tiles: set[tuple[int, int]]) -> set[tuple[int, int]]:
    found, ahead = set(), [min(tiles)]
    while ahead:
        column, row = ahead.pop()
        if (column, row) in tiles - found:
            found.add((column, row))
            ahead += [(column + 1, row), (column - 1, row), (column, row + 1), (column, row - 1)]
    return found


@pytest.mark.parametrize(
    ("one", "other", "axis"),
    [
        ("Gwadar", "Karachi South", 0),
        ("Quetta", "Multan", 0),
        ("Peshawar", "Islamabad", 0),
        ("Karachi South", "Tharparkar", 0),
        ("Upper Chitral", "Peshawar", 1),
        ("Peshawar", "Dera Ismail Khan", 1),
        ("Islamabad", "Lahore", 1),
        ("Lahore", "Multan", 1),
        ("Sukkur", "Hyderabad", 1),
        ("Quetta", "Gwadar", 1),
    ],
)
def test_west_is_left_and_north_is_up_on_the_tile_map(places: Places, one: str, other: str, axis: int) -> None:
    assert _named(places, one).tile[axis] < _named(places, other).tile[axis]


def test_every_position_is_in_the_country(everywhere: Places) -> None:
    for district in everywhere.districts:
        latitude, longitude = district.position
        assert 23.5 < latitude < 37.1 and 60.8 < longitude < 77.9, district


def test_urdu_names_use_urdu_letters_only(everywhere: Places) -> None:
    urdu = re.compile("[ءآأؤئابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھیےٰ ]+")
    wrong = {place.code: place.name_ur for place in _all(everywhere) if not urdu.fullmatch(place.name_ur)}
    assert wrong == {}


def _all(places: Places) -> tuple[Place, ...]:
    return (places.country, *places.provinces, *places.divisions, *places.districts)


def test_every_place_lies_in_the_one_above_it(everywhere: Places) -> None:
    for district in everywhere.districts:
        division = everywhere[district.parent]
        assert division.province == district.province == everywhere.province_of(district.code).code
        assert district in everywhere.districts_of(division.code)
        assert everywhere.districts_of(district.code) == (district,)
    assert everywhere.children("PK") == everywhere.provinces
    assert everywhere.districts_of("PK") == everywhere.districts
    assert everywhere.province_of("PK") is None


def test_an_unknown_code_is_said_in_a_sentence(places: Places) -> None:
    assert "PK617" in places and "PK101" not in places
    with pytest.raises(KeyError, match="'PK101' is not the code of a place of this election"):
        places["PK101"]
    with pytest.raises(KeyError):
        places.districts_of("Lahore")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lahore", "Lahore"),
        ("  LAHORE. ", "Lahore"),
        ("lahore\ndistrict", "Lahore"),
        ("District Lahore", "Lahore"),
        ("Distt. Lahore", "Lahore"),
        ("District of Lahore", "Lahore"),
        ("ضلع لاہور", "Lahore"),
        ("لاهور", "Lahore"),
        ("لاہـــور", "Lahore"),
        ("لَاہَور", "Lahore"),
        ("Lahóre", "Lahore"),
        ("Ｌａｈｏｒｅ", "Lahore"),
        ("1. Lahore", "Lahore"),
        ("(12) Lahore", "Lahore"),
        ("35 NAUSHARO FEROZE", "Naushahro Feroze"),
        ("Gujranwala 2", "Gujranwala"),
        ("D.G. Khan", "Dera Ghazi Khan"),
        ("DG Khan", "Dera Ghazi Khan"),
        ("D G Khan", "Dera Ghazi Khan"),
        ("DGKhan", "Dera Ghazi Khan"),
        ("ڈیرہ غازی خان", "Dera Ghazi Khan"),
        ("ڈيره غازي خان", "Dera Ghazi Khan"),
        ("ڈی جی خان", "Dera Ghazi Khan"),
        ("D. I. Khan", "Dera Ismail Khan"),
        ("FR DI Khan", "Dera Ismail Khan"),
        ("Nawabshah", "Shaheed Benazirabad"),
        ("Nawab Shah", "Shaheed Benazirabad"),
        ("SBA", "Shaheed Benazirabad"),
        ("Shaheed Benazir Abad", "Shaheed Benazirabad"),
        ("شہید بے نظیر آباد", "Shaheed Benazirabad"),
        ("شہید بینظیرآباد", "Shaheed Benazirabad"),
        ("Turbat", "Kech"),
        ("کيچ", "Kech"),
        ("Kech (Turbat)", "Kech"),
        ("M.B. Din", "Mandi Bahauddin"),
        ("MBD", "Mandi Bahauddin"),
        ("منڈی بہاؤالدین", "Mandi Bahauddin"),
        ("R.Y. Khan", "Rahim Yar Khan"),
        ("RYK", "Rahim Yar Khan"),
        ("رحیم یارخان", "Rahim Yar Khan"),
        ("T.T. Singh", "Toba Tek Singh"),
        ("T.M. Khan", "Tando Muhammad Khan"),
        ("Tando Mohammad Khan", "Tando Muhammad Khan"),
        ("Tando Allah Yar", "Tando Allahyar"),
        ("Mir Pur Khas", "Mirpur Khas"),
        ("Mirpurkhas", "Mirpur Khas"),
        ("Kamber-Shahdadkot", "Kambar Shahdadkot"),
        ("Qambar Shahdad Kot", "Kambar Shahdadkot"),
        ("Umer Kot", "Umerkot"),
        ("Central Karachi", "Karachi Central"),
        ("District Central", "Karachi Central"),
        ("KEMARI", "Keamari"),
        ("Leiah", "Layyah"),
        ("Abbotabad", "Abbottabad"),
        ("Battagram", "Batagram"),
        ("Tor Ghar", "Torghar"),
        ("Kala Dhaka", "Torghar"),
        ("Malakand Protected Area", "Malakand"),
        ("Chitral Lower", "Lower Chitral"),
        ("دیر بالا", "Upper Dir"),
        ("Kolai Pallas Kohistan", "Kolai Palas Kohistan"),
        ("Lower South Waziristan", "South Waziristan Lower"),
        ("Killa Saifullah", "Killa Saifullah"),
        ("Qilla Saifullah", "Killa Saifullah"),
        ("قلعہ عبد اللہ", "Killa Abdullah"),
        ("قلعه عبدﷲ", "Killa Abdullah"),
        ("Musa Khel", "Musakhel"),
        ("موسی خیل", "Musakhel"),
        ("Bolan", "Kachhi"),
        ("Naseerabad", "Nasirabad"),
        ("ICT", "Islamabad"),
        # Names that a likeness takes for another district.
        ("Wazirabad", "Wazirabad"),
        ("Shaheed Sikandarabad", "Surab"),
        ("Hub", "Hub"),
        ("Taunsa", "Taunsa"),
        ("Kot Addu", "Kot Addu"),
        ("Talagang", "Talagang"),
        ("Murree", "Murree"),
        ("Usta Muhammad", "Usta Muhammad"),
        ("Jhelum", "Jhelum"),
    ],
)
def test_a_name_in_any_known_spelling_is_found(places: Places, text: str, name: str) -> None:
    match = places.resolve(text)
    assert match.code == _named(places, name).code
    assert match.candidates == (match.code,)


def _named(places: Places, name: str) -> Place:
    return next(district for district in places.districts if district.name == name)


def test_every_district_is_found_by_its_code_and_both_names(everywhere: Places) -> None:
    for district in everywhere.districts:
        assert everywhere.resolve(district.code.lower()) == Match(district.code, (district.code,), "code")
        assert everywhere.resolve(f"{district.name.upper()} DISTRICT") == Match(district.code, (district.code,), "name")
        assert everywhere.resolve(f"ضلع {district.name_ur}") == Match(district.code, (district.code,), "name")


@pytest.mark.parametrize(("text", "name"), [("Hattian", "Jhelum Valley"), ("Diamir", "Diamer"), ("Darel", "Darel")])
def test_names_of_azad_kashmir_and_gilgit_baltistan_are_found(everywhere: Places, text: str, name: str) -> None:
    assert everywhere.resolve(text).code == _named(everywhere, name).code


@pytest.mark.parametrize(
    ("text", "reason", "names"),
    [
        ("Karachi", "ambiguous", 7),
        ("کراچی", "ambiguous", 7),
        ("Dir", "ambiguous", ["Lower Dir", "Upper Dir"]),
        ("Chitral", "ambiguous", ["Lower Chitral", "Upper Chitral"]),
        ("Kohistan", "ambiguous", ["Upper Kohistan", "Lower Kohistan", "Kolai Palas Kohistan"]),
        ("South Waziristan", "ambiguous", ["South Waziristan Lower", "South Waziristan Upper"]),
        ("S. Waziristan", "ambiguous", ["South Waziristan Lower", "South Waziristan Upper"]),
        ("PK530", "ambiguous", ["South Waziristan Lower", "South Waziristan Upper"]),
        ("Lehri", "ambiguous", ["Sibi", "Kachhi"]),
        ("Harnai-Sibi", "ambiguous", ["Harnai", "Sibi"]),
        ("District East", "ambiguous", ["Karachi East", "Quetta"]),
        ("Barshore", "split", ["Pishin"]),
        ("Paharpur", "split", ["Dera Ismail Khan"]),
        ("Quetta East", "split", ["Quetta"]),
        ("Quetta West", "split", ["Quetta"]),
        ("Wadh", "split", ["Khuzdar"]),
        ("Tump", "split", ["Kech"]),
        ("North Dera Bugti", "split", ["Dera Bugti"]),
        ("South Dera Bugti", "split", ["Dera Bugti"]),
        ("Upper Swat", "split", ["Swat"]),
        ("Central Dir", "split", ["Upper Dir", "Lower Dir"]),
        ("Allai", "split", ["Batagram"]),
        ("Kargil", "not_a_district", []),
        ("Disputed Area 1", "not_a_district", []),
        ("Election to the Provincial Assembly of the Sindh", "not_a_district", []),
    ],
)
def test_what_is_not_certain_is_asked(places: Places, text: str, reason: str, names: list[str] | int) -> None:
    match = places.resolve(text)
    assert (match.code, match.reason) == (None, reason)
    found = [places[code].name for code in match.candidates]
    assert found == names or len(found) == names


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("Lahor", "Lahore"), ("Rawalpndi", "Rawalpindi"), ("Barshor", "Pishin"), ("Wazirbad", "Wazirabad")],
)
def test_a_wrong_spelling_is_offered_the_nearest_and_never_taken(places: Places, text: str, nearest: str) -> None:
    match = places.resolve(text)
    assert (match.code, match.reason) == (None, "unknown")
    assert places[match.candidates[0]].name == nearest
    assert len(match.candidates) <= 5


@pytest.mark.parametrize(
    "text", ["", "  ", "District", "35", "ضلع", "NA", "NA-1", "N/A", "nan", "PK-101", "PK 601", "PK9"]
)
def test_what_names_no_district_is_unknown(everywhere: Places, text: str) -> None:
    match = everywhere.resolve(text)
    assert (match.code, match.reason) == (None, "unknown")


@pytest.mark.parametrize(
    "text", ["Mirpur", "Poonch", "Jhelum Valley", "Hattian", "Hunza Nagar", "PK106", "میرپور", "Nagar", "Muzaffarabad", "District Kotli"]
)
def test_a_place_of_another_election_is_not_taken_for_one_of_this_and_none_is_offered_for_it(places: Places, text: str) -> None:
    assert places.resolve(text) == Match(None, (), "unknown")


def test_within_narrows_what_is_answered_and_offered(places: Places) -> None:
    lahore, quetta, east = (_named(places, name).code for name in ("Lahore", "Quetta", "Karachi East"))
    assert places.resolve("Lahore", within={lahore}).code == lahore
    assert places.resolve("Lahore", within={quetta}) == Match(None, (), "unknown")
    assert places.resolve(lahore, within={quetta}).code is None
    assert places.resolve("Karachi", within={east, lahore}) == Match(None, (east,), "ambiguous")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Punjab", "PK6"),
        ("PUNJAB TOTAL", "PK6"),
        ("Sindh Total", "PK7"),
        ("Total: Sindh", "PK7"),
        ("Sindh (30 districts)", "PK7"),
        ("Sindh Province", "PK7"),
        ("صوبہ سندھ", "PK7"),
        ("KPK", "PK5"),
        ("KP", "PK5"),
        ("pk5", "PK5"),
        ("Khyber Pakhtoonkhwa", "PK5"),
        ("خیبر پختونخوا", "PK5"),
        ("Baluchistan", "PK2"),
        ("Pakistan", "PK"),
        ("All Pakistan", "PK"),
        ("کل پاکستان", "PK"),
        ("Islamabad Total", "PK4"),
        ("Multan Division", "PK6-06"),
        ("کراچی ڈویژن", "PK7-02"),
        ("Lahore", None),
        ("Islamabad", None),
        ("ICT", None),
        ("Karachi", None),
        ("Total", None),
        ("Azad Kashmir", None),
        ("", None),
    ],
)
def test_a_row_of_totals_is_recognised(places: Places, text: str, code: str | None) -> None:
    assert places.resolve_place(text) == code


COUNTRY = {
    "country.csv": "code,name,name_ur\nXL,Exland,ایکس لینڈ\n",
    "provinces.csv": "code,name,name_ur,short\nNA,North,شمال,NO\nXS,South,جنوب,SO\n",
    "divisions.csv": "code,name,name_ur,province\nN1,Hills,پہاڑ,NA\nS1,Plains,میدان,XS\n",
    "districts.csv": "code,name,name_ur,division,province,lat,lon,tile_col,tile_row\n"
    "N11,Stone,پتھر,N1,NA,10.5,20,0,0\nN12,Nan,نان,N1,NA,10.2,20,0,1\nS11,River,دریا,S1,XS,-9,20,0,2\n",
    "aliases.csv": "alias,code,kind,note\nStones,N11,spelling,\nRock,N11,ambiguous,\nRock,S11,ambiguous,\n"
    "Old Stone,N11,split,\nSea,,not_a_district,\nThe North,NA,spelling,\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file, text in COUNTRY.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    return tmp_path


def test_another_country_is_another_folder(folder: Path) -> None:
    places = load(folder)
    assert (places.country.name, places["NA"].short) == ("Exland", "NO")
    assert [district.code for district in places.districts_of("NA")] == ["N11", "N12"]
    assert places["N11"].position == (10.5, 20.0) and places["N12"].tile == (0, 1)
    assert places.resolve("Stones district").code == "N11"
    assert places.resolve("rock").candidates == ("N11", "S11")
    assert places.resolve_place("the north") == "NA"


def test_na_and_nan_are_not_missing(folder: Path) -> None:
    places = load(folder, ["NA"])
    assert [province.code for province in places.provinces] == ["NA"]
    assert places.resolve("nan").code == "N12"
    assert places.resolve_place("NA") == "NA"


def test_places_narrow_to_provinces(folder: Path) -> None:
    places = load(folder, ["XS"])
    assert [place.code for place in _all(places)] == ["XL", "XS", "S1", "S11"]
    assert places.resolve("Stone").code is None
    assert places.resolve("Rock") == Match(None, ("S11",), "ambiguous")


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("country.csv", "XL,Exland,ایکس لینڈ\n", "", "country.csv: expected is one country, here are 0"),
        ("provinces.csv", "code,", "id,", "provinces.csv line 1: expected are the columns code, name, name_ur, short"),
        (
            "provinces.csv",
            "XS,South",
            "NA,South",
            "provinces.csv line 3: the code NA is already in provinces.csv line 2",
        ),
        ("provinces.csv", ",SO", ",NO", "provinces.csv line 3: the short 'NO' is read like that of North in line 2"),
        ("divisions.csv", "میدان,XS", "میدان,XX", "divisions.csv line 3: the province XX is not in provinces.csv"),
        (
            "districts.csv",
            "S11,River",
            "n11,River",
            "districts.csv line 4: the code n11 is already in districts.csv line 2",
        ),
        (
            "districts.csv",
            "River",
            "STONE district",
            "districts.csv line 4: the name 'STONE district' is read like that",
        ),
        (
            "districts.csv",
            "دریا",
            "پتهر",
            "districts.csv line 4: the name_ur 'پتهر' is read like that of Stone in line 2",
        ),
        ("districts.csv", "River", "12", "districts.csv line 4: the name '12' has no letter"),
        ("districts.csv", "River", "", "districts.csv line 4: expected is something in name, here are empty cells"),
        ("districts.csv", "S1,XS", "S9,XS", "districts.csv line 4: the division S9 is not in divisions.csv"),
        (
            "districts.csv",
            "S1,XS",
            "N1,XS",
            "districts.csv line 4: the division N1 lies in NA; expected is that province",
        ),
        ("districts.csv", "-9,20", "south,20", "districts.csv line 4: lat is 'south', expected are degrees"),
        ("districts.csv", "-9,20", "nan,20", "districts.csv line 4: lat is 'nan', expected are degrees"),
        ("districts.csv", "20,0,2", "20,0,2.5", "districts.csv line 4: tile_row is '2.5', expected is a whole number"),
        ("districts.csv", "20,0,2", "20,0,01", "districts.csv line 4: the tile 0, 1 is that of Nan in line 3"),
        ("districts.csv", "20,0,2", "20,0", "districts.csv line 4: expected are 9 cells, here are 8"),
        ("aliases.csv", "Stones", "River", "aliases.csv line 2: the alias 'River' is read like the name of River"),
        ("aliases.csv", "Stones", "STONE", "aliases.csv line 2: the alias 'STONE' is read like the name of Stone"),
        ("aliases.csv", "Stones", "Sea", "aliases.csv line 6: the alias 'Sea' is read like the one in line 2"),
        ("aliases.csv", "Rock,S11", "Rock,N11", "aliases.csv line 4: the alias 'Rock' is read like the one in line 3"),
        ("aliases.csv", "Rock,S11,ambiguous", "Rock,S11,split", "aliases.csv line 4: the alias 'Rock' is read like"),
        ("aliases.csv", "Stones,N11", "Stones,N99", "aliases.csv line 2: the code 'N99' is not that of a district"),
        ("aliases.csv", "Sea,", "Sea,N11", "aliases.csv line 6: the code is N11, expected is none"),
        ("aliases.csv", "split", "divided", "aliases.csv line 5: the kind is 'divided', expected is spelling or"),
        ("aliases.csv", "NA,spelling", "NA,split", "aliases.csv line 7: the kind is 'split', expected is spelling"),
    ],
)
def test_a_mistake_in_a_place_file_is_told_with_file_and_line(
    folder: Path, file: str, old: str, new: str, sentence: str
) -> None:
    changed = COUNTRY[file].replace(old, new, 1)
    assert changed != COUNTRY[file]
    (folder / file).write_text(changed, encoding="utf-8")
    with pytest.raises(PlacesError) as error:
        load(folder)
    assert any(problem.startswith(sentence) for problem in error.value.problems), error.value.problems


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    (folder / "divisions.csv").write_text(COUNTRY["divisions.csv"].replace("میدان,XS", "میدان,XX"), encoding="utf-8")
    (folder / "districts.csv").write_text(COUNTRY["districts.csv"].replace("20,0,2", "20,0,0"), encoding="utf-8")
    (folder / "aliases.csv").write_text(COUNTRY["aliases.csv"].replace("Stones", "River"), encoding="utf-8")
    with pytest.raises(PlacesError) as error:
        load(folder)
    files = {problem.split(" ")[0] for problem in error.value.problems}
    assert files == {"divisions.csv", "districts.csv", "aliases.csv"}
    assert all(problem in str(error.value) for problem in error.value.problems)


def test_a_file_that_is_not_utf8_is_told_with_its_line(folder: Path) -> None:
    (folder / "districts.csv").write_bytes(COUNTRY["districts.csv"].encode().replace(b"River", b"Riv\xe9r"))
    with pytest.raises(PlacesError, match="districts.csv line 4: expected is UTF-8"):
        load(folder)


def test_a_missing_file_is_told(folder: Path) -> None:
    (folder / "aliases.csv").unlink()
    with pytest.raises(PlacesError, match="aliases.csv: expected in this folder, with the columns alias, code"):
        load(folder)


def test_an_unknown_province_of_an_election_is_told(folder: Path) -> None:
    with pytest.raises(PlacesError, match="provinces: 'ZZ' is not a code in provinces.csv"):
        load(folder, ["NA", "ZZ"])

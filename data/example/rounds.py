"""Who reports what, when, and in which kind of file; who is silent, late or wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from data.example.books import CSV, GROUPED, ODS, PLAIN, SPELT, TITLED, URDU, UTF16, Style
from data.example.country import BALOCHISTAN, ISLAMABAD, PROVINCES, PUNJAB, SINDH, District
from data.example.progress import DAY, chance

SECRETARIAT = "ECP Secretariat, Islamabad"
# 26 weeks: a report each fortnight at first, each week in the end.
DAYS = tuple(DAY - timedelta(weeks=week) for week in (*range(25, 7, -2), *range(8, -1, -1)))
DOMAINS = ("repairs", "training", "appointments", "security")

SILENT = {
    "PK230": frozenset(DOMAINS),  # Washuk
    "PK216": frozenset(("security",)),  # Kohlu
    "PK201": frozenset(("security",)),  # Awaran
    "PK516": frozenset(("repairs",)),  # Upper Kohistan
    "PK227": frozenset(("training",)),  # Sherani
}
LAST_REPORT = {
    ("PK204", "appointments"): date(2026, 10, 29), ("PK534", "appointments"): date(2026, 11, 5),
    ("PK726", "repairs"): date(2026, 11, 5), ("PK709", "repairs"): date(2026, 11, 5),
    ("PK213", "training"): date(2026, 11, 5), ("PK525", "training"): date(2026, 10, 29),
    ("PK525", "security"): date(2026, 11, 5), ("PK210", "security"): date(2026, 10, 22),
    **{("PK224", domain): date(2026, 10, 29) for domain in DOMAINS},  # Panjgur
}
_LEFT_OUT = 0.05  # of the districts, in any file

# From a day on a province sends its own file, and the secretariat those of the others.
_OWN = {
    "repairs": (date(2026, 10, 29), (SINDH,), "Provincial Election Commissioner, Sindh"),
    "training": (date(2026, 10, 29), (PUNJAB, ISLAMABAD), "Provincial Election Commissioner, Punjab"),
    "appointments": (date(2026, 11, 12), (BALOCHISTAN,), "Provincial Election Commissioner, Balochistan"),
    "security": (date(2026, 11, 12), (SINDH,), "Inspector General of Police, Sindh"),
}
_STYLES = {
    "appointments": (PLAIN, TITLED, PLAIN, URDU, SPELT, PLAIN, GROUPED, PLAIN, CSV),
    "repairs": (CSV, PLAIN, SPELT, CSV, PLAIN, URDU),
    "training": (TITLED, PLAIN, GROUPED, UTF16, PLAIN, SPELT, CSV, URDU),
    "security": (SPELT, TITLED, PLAIN, URDU, PLAIN, ODS, GROUPED, PLAIN),
}
_SHORT = {PUNJAB: "Punjab-Islamabad", SINDH: "Sindh", BALOCHISTAN: "Balochistan"}
# The file with a digit too many: which cell (district, cadre, column), when it is taken back and why.
_MISTYPED_IN, _MISTYPED_ON, _MISTYPED = "training", date(2026, 10, 29), ("PK608", "PO", "required")
_MISTYPED_SEEN = datetime(2026, 10, 31, 6, 40)
_MISTYPED_REASON = "Faisalabad, polling officers: a digit too many under Required. The province sends a corrected file."
# The report that comes weeks after its day.
_LATE_IN, _LATE_OF, _LATE_AT = "training", date(2026, 10, 15), datetime(2026, 11, 9, 7, 30)
_LATE_DISTRICT = "PK728"  # Umerkot
# The police and the commission count the most sensitive stations differently, as they did in Sindh in 2024 (6,801 and 4,430).
_DISPUTED_IN, _DISPUTED, _DISPUTED_AT = "security", ("PK702", "PK704", "PK721"), datetime(2026, 11, 26, 7, 10)  # Karachi Central, East and South
_DISPUTED_SHARE = 4_430 / 6_801


@dataclass(frozen=True)
class Report:
    """One file that is to come: whose districts, of which day, when and how. `wrong` is a cell (district, key, column)
    in which a digit is too many; `withdrawn` says when and why it is taken back. `counts` is the share of the most sensitive stations that
    its sender counts as such."""

    name: str
    domain: str
    sender: str
    districts: tuple[District, ...]
    as_of: date
    at: datetime
    style: Style
    note: str = ""
    wrong: tuple[str, str, str] | None = None
    withdrawn: tuple[datetime, str] | None = None
    counts: float | None = None


def reports(districts: tuple[District, ...], domain: str) -> Iterator[Report]:
    """The files of a domain, in order of time."""
    yield from sorted([*_rounds(districts, domain), *_apart(districts, domain)], key=lambda report: report.at)


def _rounds(districts: tuple[District, ...], domain: str) -> Iterator[Report]:
    since, own, sender = _OWN[domain]
    for number, day in enumerate(DAYS):
        style = _STYLES[domain][number % len(_STYLES[domain])]
        at = datetime.combine(day, time(9, 10 + 5 * DOMAINS.index(domain)))
        if day < since:
            yield _report(districts, domain, PROVINCES, SECRETARIAT, day, at, style)
            continue
        yield _report(districts, domain, own, sender, day, at - timedelta(hours=1), _STYLES[domain][(number + 3) % len(_STYLES[domain])])
        others = tuple(province for province in PROVINCES if province not in own)
        yield _report(districts, domain, others, SECRETARIAT, day, at, style)


def _report(districts: tuple[District, ...], domain: str, provinces: tuple[str, ...], sender: str, day: date, at: datetime, style: Style) -> Report:
    named = "Pakistan" if provinces == PROVINCES else "others" if len(provinces) > 2 else _SHORT[provinces[0]]
    told = tuple(district for district in districts if district.province.code in provinces and _reports(district.code, domain, day))
    wrong = withdrawn = None
    if (domain, sender, day) == (_MISTYPED_IN, _OWN[_MISTYPED_IN][2], _MISTYPED_ON):
        wrong, withdrawn = _MISTYPED, (_MISTYPED_SEEN, _MISTYPED_REASON)
    return Report(f"{domain}-{named}-{day}.{style.suffix}", domain, sender, told, day, at, style, wrong=wrong, withdrawn=withdrawn)


def _apart(districts: tuple[District, ...], domain: str) -> Iterator[Report]:
    """The correction of the mistyped file, a report that comes weeks after its day, and one that another office sends otherwise."""
    if domain == _MISTYPED_IN:
        _, provinces, sender = _OWN[domain]
        told = tuple(district for district in districts if district.province.code in provinces and _reports(district.code, domain, _MISTYPED_ON))
        yield Report(
            f"{domain}-{_SHORT[provinces[0]]}-{_MISTYPED_ON}-corrected.xlsx", domain, sender, told, _MISTYPED_ON,
            _MISTYPED_SEEN + timedelta(hours=3), PLAIN, note="Corrected: Faisalabad, polling officers required")
    if domain == _LATE_IN:
        late = next(district for district in districts if district.code == _LATE_DISTRICT)
        yield Report(
            f"{domain}-{late.name}-{_LATE_OF}.ods", domain, f"District Election Commissioner, {late.name}", (late,), _LATE_OF, _LATE_AT, ODS,
            note="Sent late: the office was cut off by road")
    if domain == _DISPUTED_IN:
        told = tuple(district for district in districts if district.code in _DISPUTED)
        yield Report(f"{domain}-Karachi-commission-{DAY}.xlsx", domain, "Provincial Election Commissioner, Sindh", told, DAY, _DISPUTED_AT, PLAIN,
                     note="As the commission counts the most sensitive stations", counts=_DISPUTED_SHARE)


def _reports(code: str, domain: str, day: date) -> bool:
    """Whether a district is in its province's file of that day."""
    if domain in SILENT.get(code, ()) or day > LAST_REPORT.get((code, domain), DAY):
        return False
    if (domain, code, day) == (_LATE_IN, _LATE_DISTRICT, _LATE_OF):
        return False
    return LAST_REPORT.get((code, domain)) == day or chance("left out", domain, code, day).random() >= _LEFT_OUT

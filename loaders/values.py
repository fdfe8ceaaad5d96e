"""Numbers, dates and times of a spreadsheet as one unambiguous text each."""

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

WHOLE = 2**53  # below it a float holds every whole number exactly
DAY = 86_400_000  # milliseconds
DAY_0 = date(1899, 12, 30).toordinal()
LAST_DAY = date.max.toordinal() - DAY_0
NO_DAY = 60  # 29 February 1900, which exists in spreadsheets only
FROM_1904 = 1462  # days by which a workbook that counts from 1904 (old Macintosh) is behind

RAISED = "^"  # stands before a raised or lowered piece of a text

ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]")
NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


def number_text(stored: str) -> str:
    """A stored number without needless decimals or exponents: "12.0" is "12", "3.5202E+12" is "3520200000000"."""
    if len(stored) < 16 and stored.isdecimal() and stored.isascii() and stored[0] != "0":
        return stored
    try:
        number = float(stored)
    except ValueError:
        return stored
    return float_text(number) if math.isfinite(number) else stored


def float_text(number: float) -> str:
    """All figures, never an exponent: whole numbers up to 2**53 in full, larger ones with the 15 figures that a
    spreadsheet keeps and zeros after them, others as the shortest text that reads back as the same number."""
    if number.is_integer() and abs(number) <= WHOLE:
        return str(int(number))
    return format(Decimal(f"{number:.15g}" if number.is_integer() else repr(number)), "f")


def number_kind(format_code: str) -> str | None:
    """What a number format shows: "date", "time" (no day in it), "elapsed" ([h]:mm), "percent", the zeros of a number
    with leading zeros ("000"), or None for a plain number."""
    code = format_code.split(";")[0].lower()
    if ELAPSED.search(code):
        return "elapsed"
    code = NOT_CODE.sub("", code).replace("am/pm", "h").replace("a/p", "h")
    if "%" in code:
        return "percent"
    if re.fullmatch("0{2,}", code):
        return code
    if "general" in code or not re.search("[dyhs]|m", code):
        return None
    return "date" if re.search("[dy]", code) or not re.search("[hs]", code) else "time"


def shown_text(stored: str, kind: str, behind: int = 0) -> str:
    """A stored number as its format shows it, by what `number_kind` says of the format."""
    if kind == "percent":
        return percent_text(stored)
    if kind.startswith("0"):
        text = number_text(stored)
        return text.zfill(len(kind)) if text.isdecimal() else text
    return serial_text(stored, kind, behind)


def percent_text(stored: str) -> str:
    """A share as the percentage that is shown: "0.45" is "45%"."""
    try:
        number = float(stored)
    except ValueError:
        return stored
    return f"{float_text(round(100 * number, 10))}%" if math.isfinite(number) else stored


def serial_text(stored: str, kind: str, behind: int = 0) -> str:
    """A day number as date, date with time, or time; where the calendar has no such day, the number itself."""
    try:
        milliseconds = round(float(stored) * DAY)
    except (ValueError, OverflowError):
        return stored
    if kind == "elapsed" and milliseconds >= 0:
        return clock(milliseconds)
    days, rest = divmod(milliseconds, DAY)
    if days == 0 and (rest or kind == "time"):
        return clock(rest)
    days += behind
    if not 1 <= days <= LAST_DAY or days == NO_DAY:
        return number_text(stored)
    day = date.fromordinal(DAY_0 + days + (days < NO_DAY)).isoformat()
    return f"{day}T{clock(rest)}" if rest else day


def clock(milliseconds: int) -> str:
    """10:30:00, and 10:30:15.5 where there are parts of a second. May pass 24 hours."""
    seconds, part = divmod(milliseconds, 1000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{part:03}".rstrip("0") if part else text


def value_text(value: object) -> str:
    """The text of a Python value: number, boolean, date, time, span of time or text."""
    if isinstance(value, str):
        return one_line_break(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, datetime):
        since = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
        return f"{value.date().isoformat()}T{_span(since)}" if since else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return _span(
            timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
        )
    if isinstance(value, timedelta):
        return _span(value)
    return "" if value is None else str(value)


def _span(span: timedelta) -> str:
    return clock(round(span.total_seconds() * 1000))


def one_line_break(text: str) -> str:
    r"""Every line break as \n, whichever program wrote it."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

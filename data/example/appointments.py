"""The example's rows of appointments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from data.example.country import BALOCHISTAN, ISLAMABAD, KP, PUNJAB, SINDH, District
from data.example.progress import Curve, chance

_FEW_DAYS = 1.5
_EARLY = dict.fromkeys(("PK401", "PK613", "PK605", "PK601", "PK511"), -32)  # districts that had all in place in November
_CURVES = {
    "officers": Curve("officers", 200, 132, {SINDH: 2, KP: 1, BALOCHISTAN: 3}, _FEW_DAYS),
    "monitoring": Curve("monitoring", 140, 64, {PUNJAB: -3, SINDH: 3, KP: 1, BALOCHISTAN: 9} | _EARLY, 3),
    "staff": Curve("staff", 152, 60, {PUNJAB: -1, SINDH: 5, KP: 3, BALOCHISTAN: 15} | _EARLY, 3),
    "transfers": Curve("transfers", 205, 140, {SINDH: 2, BALOCHISTAN: 3}, 2),
}
_KIND = {"DRO": "officers", "RO": "officers", "ARO": "officers", "DMO": "monitoring", "PrO": "staff", "APO": "staff", "PO": "staff"}
# How many days the earlier stages run ahead of the notification, and joining behind it.
_AHEAD = {"officers": (20, 9, 0, -12), "monitoring": (24, 14, 8, 0), "staff": (26, 16, 8, 0), "transfers": (25, 12, 0, -6)}
_WOMEN = {PUNJAB: 0.41, SINDH: 0.35, KP: 0.26, BALOCHISTAN: 0.19, ISLAMABAD: 0.46}

# Returning officers that are still not notified after the day that the law sets, by district.
_NOT_NOTIFIED = {("PK211", "RO"): 1, ("PK211", "ARO"): 2, ("PK213", "RO"): 1, ("PK213", "ARO"): 3}
# Transfers that the commission has not settled.
_UNSETTLED = frozenset((("PK211", "DC"), ("PK213", "DPO"), ("PK204", "DC"), ("PK525", "DPO"), ("PK518", "DC"), ("PK708", "ADC"), ("PK710", "DPO")))
_LEFT_FROM, _LEFT_POSTS, _LEFT = date(2026, 11, 5), ("PK622", "PO"), 1_450
_LEFT_REMARK = "Polling officers of the Education Department returned to examination duty; replacements are being proposed"


def rows(district: District, day: date) -> Iterator[dict[str, Any]]:
    """A row for each post of the district."""
    for post, sanctioned in district.posts.items():
        if sanctioned:
            proposed, approved, notified, in_post = _stages(district, post, day)
            yield {
                "district": district, "post": post, "sanctioned": sanctioned, "proposed": proposed, "approved": approved, "notified": notified,
                "joined": in_post, "women": int(in_post * _women(district, post)), "vacated": _vacated(district, post, in_post, day),
                "remarks": _remark(district, post, day)}


def joined(district: District, post: str, day: date) -> int:
    """How many of a post have taken charge: those who can be trained."""
    return _stages(district, post, day)[3]


def _stages(district: District, post: str, day: date) -> tuple[int, int, int, int]:
    """Proposed, approved, notified, joined."""
    kind, most = _KIND.get(post, "transfers"), district.posts[post]
    counts = [_CURVES[kind].count(district, most, day, ahead=ahead) for ahead in _AHEAD[kind]]
    missing = _NOT_NOTIFIED.get((district.code, post), int((district.code, post) in _UNSETTLED))
    counts[2:] = [min(count, most - missing) for count in counts[2:]]
    if (district.code, post) == _LEFT_POSTS and day >= _LEFT_FROM:
        counts[3] -= _LEFT
    return tuple(counts)


def _women(district: District, post: str) -> float:
    share = _WOMEN[district.province.code] * chance("women", district.code).uniform(0.85, 1.1)
    return share if _KIND.get(post) == "staff" else share / 3


def _vacated(district: District, post: str, in_post: int, day: date) -> int:
    """About one in two hundred falls vacant again in a fortnight."""
    return min(in_post, int(in_post * chance("vacated", district.code, post, day).uniform(0, 0.01) + 0.3))


def _remark(district: District, post: str, day: date) -> str | None:
    if (district.code, post) == _LEFT_POSTS and _LEFT_FROM <= day:
        return _LEFT_REMARK
    if (district.code, post) in _NOT_NOTIFIED and day >= date(2026, 10, 16):
        return "Notification held back: the officer named was transferred; a fresh name is awaited"
    return None

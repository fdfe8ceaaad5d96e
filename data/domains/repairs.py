"""Repairs: will the polling-station buildings be usable in time?"""

from data.declare import DISTRICT, PROVINCE, REMARKS, Code, Column, Domain, Indicator, Rule

CONDITIONS = (
    Code("usable", "Usable", ("OK", "Good", "Satisfactory", "قابل استعمال")),
    Code("damaged", "Damaged", ("Partially damaged", "Fully damaged", "Dilapidated", "متاثرہ", "خستہ حال")),
    Code("submerged", "Submerged", ("Under water", "Flooded", "Inundated", "زیر آب")),
    Code("road_cut", "Road cut off", ("Road cut", "Access cut", "Inaccessible", "راستہ بند")),
    Code("occupied", "Occupied by displaced families", ("Occupied", "Occupied by IDPs", "IDPs", "Relief camp")),
)
CAUSES = (
    Code("flood", "Flood", ("Floods", "Rain", "Rains", "سیلاب")),
    Code("earthquake", "Earthquake", ("زلزلہ",)),
    Code("age", "Age", ("Old building", "Wear", "Dilapidation")),
    Code("utilities", "Utilities missing", ("Utilities", "No electricity", "No water", "No toilet", "Missing facilities")),
    Code("access", "Access", ("Ramp", "No ramp", "Boundary wall", "رسائی")),
    Code("other", "Other", ("Misc", "دیگر")),
)
STATUSES = (
    Code("reported", "Reported", ("Pending", "New")),
    Code("assessed", "Assessed", ("Surveyed", "Estimated")),
    Code("funded", "Funded", ("Funds released", "Approved")),
    Code("in_progress", "In progress", ("Ongoing", "Work in progress", "Started", "جاری")),
    Code("completed", "Completed", ("Complete", "Done", "مکمل")),
    Code("certified", "Certified", ("Certified usable", "Verified", "تصدیق شدہ")),
    Code("alternative", "Alternative notified", ("Alternative", "Shifted", "Alternative station notified", "متبادل")),
)
_LISTED = "station_code <> 'NIL'"
_READY = f"status in ('certified', 'alternative') and {_LISTED}"
_STARTED = f"status in ('in_progress', 'completed', 'certified', 'alternative') and {_LISTED}"

DOMAIN = Domain(
    name="repairs",
    label="Repairs",
    question="Will the buildings be usable in time?",
    row="one row per polling-station building that needs work",
    nil="station_code",
    columns=(
        PROVINCE,
        DISTRICT,
        Column("station_code", "Station code", "text", required=True, key=True,
               spellings=("PS No", "PS Code", "Polling station code", "Polling station no", "Station no", "Building code", "پولنگ اسٹیشن نمبر"),
               help="The building's code. NIL in a row of its own says that no building of the district needs work"),
        Column("station_name", "Station name", "text", required=True,
               spellings=("Polling station", "Name of polling station", "Building", "School", "نام پولنگ اسٹیشن", "پولنگ اسٹیشن")),
        Column("tehsil", "Tehsil", spellings=("Taluka", "Sub-division", "تحصیل", "تعلقہ")),
        Column("condition", "Condition", "code", required=True, codes=CONDITIONS, spellings=("State of building", "حالت")),
        Column("cause", "Cause", "code", required=True, codes=CAUSES, spellings=("Reason", "Cause of damage", "وجہ")),
        Column("work_needed", "Work needed", spellings=("Work required", "Nature of work", "Scope of work", "Required work")),
        Column("status", "Status of work", "code", required=True, codes=STATUSES,
               spellings=("Status", "Work status", "Progress", "کام کی صورتحال")),
        Column("department", "Department", spellings=("Executing agency", "Responsible department", "محکمہ")),
        Column("cost", "Estimated cost (PKR)", "money", spellings=("Estimated cost", "Cost", "Cost PKR", "Estimate (Rs)", "تخمینہ لاگت")),
        Column("due", "Due date", "date", spellings=("Due", "Target date", "Completion target", "تاریخ تکمیل")),
        Column("completed_on", "Completed on", "date", spellings=("Completion date", "Date of completion", "Date completed")),
        Column("certified_by", "Certified by", spellings=("Certifying officer", "Verified by", "تصدیق کنندہ")),
        Column("alternative_station", "Alternative station", spellings=("Alternate station", "Alternative building", "متبادل پولنگ اسٹیشن")),
        REMARKS,
    ),
    rules=(
        Rule("needs", ("certified_by",), when="status = 'certified'"),
        Rule("needs", ("alternative_station",), when="status = 'alternative'"),
        Rule("needs", ("completed_on",), when="status in ('completed', 'certified')", blocks=False),
        Rule("not_after", ("completed_on", "as_of")),
    ),
    indicators=(
        Indicator("PS1", "Buildings made usable", "buildings", _READY, _LISTED, due=45,
                  milestones=((180, 0.0), (150, 0.1), (120, 0.25), (90, 0.5), (60, 0.85), (45, 1.0)),
                  how="Buildings certified usable by a district election commissioner, or replaced by a notified alternative, of all "
                      "buildings listed. A contractor's claim of completion does not count", source="Guess: D-45"),
        Indicator("PS2", "Works started", "buildings", _STARTED, _LISTED, due=75,
                  milestones=((200, 0.0), (150, 0.25), (120, 0.5), (90, 0.85), (75, 1.0)),
                  how="Buildings where work is in progress or further, of all buildings listed", source="Guess: D-75"),
    ),
)

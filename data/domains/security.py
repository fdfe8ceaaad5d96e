"""Security: where is risk high and cover thin?"""

from data.declare import DISTRICT, PROVINCE, REMARKS, Code, Column, Domain, Indicator, Rule

PLAN_STATUSES = (
    Code("not_submitted", "Not submitted", ("Nil", "No", "Pending", "Awaited")),
    Code("submitted", "Submitted", ("Received", "Under review")),
    Code("returned", "Returned for changes", ("Returned", "Sent back")),
    Code("approved", "Approved", ("Yes", "Final", "منظور")),
)
ASSESSMENTS = (
    Code("calm", "Calm", ("Normal", "Peaceful", "پرامن")),
    Code("watch", "Watch", ("Alert", "Tense")),
    Code("volatile", "Volatile", ("High risk", "کشیدہ")),
)

DOMAIN = Domain(
    name="security",
    label="Security",
    question="Where is risk high and cover thin?",
    row="one row per district",
    columns=(
        PROVINCE,
        DISTRICT,
        Column("last_briefing_on", "Last briefing on", "date", spellings=("Last briefing", "Date of last briefing", "Briefing date", "آخری بریفنگ"),
               help="Empty if there has been none"),
        Column("briefed_by", "Briefed by", spellings=("Briefing officer", "Briefing given by")),
        Column("chaired_by", "Chaired by", spellings=("Chair", "Presided by")),
        Column("plan_status", "Plan status", "code", required=True, codes=PLAN_STATUSES, spellings=("Security plan", "Status of plan", "Security plan status")),
        Column("assessment", "Law and order", "code", codes=ASSESSMENTS, spellings=("Law-and-order assessment", "Law & order", "Assessment", "امن و امان")),
        Column("stations", "Polling stations", "count", spellings=("Total stations", "Total polling stations", "No. of polling stations", "کل پولنگ اسٹیشن"),
               help="All polling stations of the district; the three categories add up to it"),
        Column("normal", "Normal stations", "count", required=True, spellings=("Normal", "Stations normal", "نارمل")),
        Column("sensitive", "Sensitive stations", "count", required=True, spellings=("Sensitive", "Stations sensitive", "حساس")),
        Column("most_sensitive", "Most sensitive stations", "count", required=True,
               spellings=("Most sensitive", "Highly sensitive", "Stations most sensitive", "انتہائی حساس")),
        Column("personnel_required", "Personnel required", "count", required=True, spellings=("Required personnel", "Force required", "درکار نفری")),
        Column("personnel_committed", "Personnel committed", "count", required=True, cumulative=True,
               spellings=("Committed personnel", "Force committed", "Personnel available", "دستیاب نفری")),
        Column("cameras_required", "Cameras required", "count", required=True, spellings=("CCTV required", "Required cameras")),
        Column("cameras_installed", "Cameras installed", "count", required=True, cumulative=True, spellings=("CCTV installed", "Installed cameras")),
        Column("incidents", "Incidents in 7 days", "count", spellings=("Incidents", "Incidents (7 days)", "واقعات")),
        Column("open_actions", "Open actions", "count", spellings=("Actions open", "Pending actions")),
        REMARKS,
    ),
    rules=(
        Rule("total", ("normal", "sensitive", "most_sensitive", "stations")),
        Rule("descending", ("personnel_required", "personnel_committed")),
        Rule("descending", ("cameras_required", "cameras_installed")),
        Rule("not_after", ("last_briefing_on", "as_of")),
        Rule("needs", ("briefed_by",), when="last_briefing_on is not null", blocks=False),
    ),
    indicators=(
        Indicator("SE1", "Briefing current", "districts", "last_briefing_on is not null", "1", fades="last_briefing_on", window="briefing", due=0,
                  milestones=((180, 0.0), (120, 0.5), (90, 0.8), (60, 0.9), (30, 1.0)),
                  how="Districts whose last security briefing lies within the window, of all districts reporting", source="Guess: window of 30 days, 14 from D-60, 7 from D-30"),
        Indicator("SE2", "Security plan approved", "districts", "plan_status = 'approved'", "1", due=45,
                  milestones=((180, 0.0), (120, 0.2), (90, 0.5), (60, 0.85), (45, 1.0)),
                  how="Districts whose security plan is approved, of all districts reporting", source="Guess: D-45"),
        Indicator("SE3", "Personnel committed", "personnel", "personnel_committed", "personnel_required", due=30,
                  milestones=((180, 0.0), (120, 0.2), (90, 0.45), (60, 0.75), (30, 1.0)),
                  how="Police and other personnel committed, of those required", source="Guess: D-30; numbers by category of station as in 2013 (Pakistan Today, May 2013)"),
        Indicator("SE4", "Cameras installed", "cameras", "cameras_installed", "cameras_required", due=7,
                  milestones=((150, 0.0), (90, 0.2), (60, 0.4), (30, 0.7), (7, 1.0)),
                  how="Cameras installed at the most sensitive stations, of those required", source="Elections Act 2017, s. 59, as reported"),
    ),
)

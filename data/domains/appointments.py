"""Appointments: are the officers and the polling staff in their posts?"""

from data.declare import DISTRICT, PROVINCE, REMARKS, Code, Column, Domain, Indicator, Rule

POSTS = (
    Code("DRO", "District Returning Officer", ("District Returning Officers", "D.R.O.", "ڈسٹرکٹ ریٹرننگ آفیسر", "ڈسٹرکٹ ریٹرننگ افسر")),
    Code("RO", "Returning Officer", ("Returning Officers", "R.O.", "ریٹرننگ آفیسر", "ریٹرننگ افسر")),
    Code("ARO", "Assistant Returning Officer", ("Assistant Returning Officers", "A.R.O.", "اسسٹنٹ ریٹرننگ آفیسر")),
    Code("DMO", "District monitoring officer", ("District Monitoring Officers", "Monitoring officer", "Monitoring team", "District monitoring team", "D.M.O.")),
    Code("PrO", "Presiding officer", ("Presiding Officers", "Pr.O.", "پریزائیڈنگ آفیسر", "پریذائیڈنگ افسر")),
    Code("APO", "Assistant presiding officer", ("Assistant Presiding Officers", "A.P.O.", "SAPO", "Senior assistant presiding officer")),
    Code("PO", "Polling officer", ("Polling Officers", "P.O.", "پولنگ آفیسر", "پولنگ افسر")),
    Code("COMR", "Commissioner (transfer or posting)", ("Commissioner", "کمشنر")),
    Code("DC", "Deputy Commissioner (transfer or posting)", ("Deputy Commissioner", "ڈپٹی کمشنر")),
    Code("ADC", "Additional Deputy Commissioner (transfer or posting)", ("Additional Deputy Commissioner", "ADCG", "ADC (G)", "ADCR", "ایڈیشنل ڈپٹی کمشنر")),
    Code("DPO", "District Police Officer (transfer or posting)", ("District Police Officer", "SSP", "CPO", "ڈسٹرکٹ پولیس آفیسر", "ڈی پی او")),
)
_POLLING_STAFF = "post in ('PrO', 'APO', 'PO')"
_TRANSFERS = "post in ('COMR', 'DC', 'ADC', 'DPO')"
_WITH_THE_PROGRAMME = ((120, 0.0), (60, 0.2), (30, 0.6), (7, 0.95), (0, 1.0))

DOMAIN = Domain(
    name="appointments",
    label="Appointments",
    question="Where do posts wait?",
    row="one row per district and post",
    columns=(
        PROVINCE,
        DISTRICT,
        Column("post", "Post", "code", required=True, key=True, codes=POSTS,
               spellings=("Designation", "Name of Post", "Category of officer", "عہدہ", "اسامی")),
        Column("sanctioned", "Sanctioned", "count", required=True,
               spellings=("Sanctioned posts", "Sanctioned strength", "Required posts", "No. of posts", "منظور شدہ", "منظور شدہ اسامیاں"),
               help="Posts to be filled in this district"),
        Column("proposed", "Proposed", "count", required=True, spellings=("Names proposed", "Nominated", "Panels received", "تجویز کردہ"),
               help="Names received from the department", cumulative=True),
        Column("approved", "Approved", "count", required=True, spellings=("Approved by ECP", "Approved by commission", "منظور"),
               help="Names approved by the commission", cumulative=True),
        Column("notified", "Notified", "count", required=True, spellings=("Notification issued", "Notifications", "مطلع", "نوٹیفائی"),
               help="Appointments notified", cumulative=True),
        Column("joined", "Joined", "count", required=True, spellings=("In position", "Assumed charge", "In place", "حاضر", "چارج سنبھالا"),
               help="Officers who have taken charge", cumulative=True),
        Column("women", "Women", "count", spellings=("Of whom women", "Female", "Women joined", "خواتین"), help="Women among those who joined"),
        Column("vacated", "Vacated in last 14 days", "count", spellings=("Vacated", "Vacated (14 days)", "Posts vacated"),
               help="Posts that fell vacant again in the last 14 days"),
        Column("joined_percent", "Joined %", "percent", of=("joined", "sanctioned"), spellings=("% joined", "Percentage", "Percent", "%age", "فیصد")),
        REMARKS,
    ),
    rules=(
        Rule("descending", ("sanctioned", "proposed", "approved", "notified", "joined")),
        Rule("descending", ("joined", "women")),
    ),
    indicators=(
        Indicator("AP1", "DROs notified", "posts", "notified", "sanctioned", where="post = 'DRO'",
                  anchor="programme", due=60, milestones=((180, 0.0), (120, 0.2), (90, 0.6), (60, 1.0)), duty="officers", lost="vacated",
                  how="District Returning Officers notified, of the posts sanctioned", source="Elections Act 2017, ss. 50–51"),
        Indicator("AP2", "ROs notified", "posts", "notified", "sanctioned", where="post = 'RO'",
                  anchor="programme", due=60, milestones=((180, 0.0), (120, 0.2), (90, 0.6), (60, 1.0)), duty="officers", lost="vacated",
                  how="Returning Officers notified, of the posts sanctioned", source="Elections Act 2017, ss. 50–51"),
        Indicator("AP3", "AROs notified", "posts", "notified", "sanctioned", where="post = 'ARO'",
                  anchor="programme", due=60, milestones=((180, 0.0), (120, 0.2), (90, 0.6), (60, 1.0)), duty="officers", lost="vacated",
                  how="Assistant Returning Officers notified, of the posts sanctioned", source="Elections Act 2017, ss. 50–51"),
        Indicator("AP4", "Monitoring teams complete", "officers", "joined", "sanctioned", where="post = 'DMO'",
                  anchor="programme", due=0, milestones=_WITH_THE_PROGRAMME, lost="vacated",
                  how="District monitoring officers who have taken charge, of the posts sanctioned", source="Guess: with the election programme"),
        Indicator("AP5", "Polling staff in place", "officers", "joined", "sanctioned", where=_POLLING_STAFF,
                  due=60, milestones=((150, 0.0), (120, 0.25), (90, 0.6), (75, 0.85), (60, 1.0)), lost="vacated",
                  how="Presiding, assistant presiding and polling officers in place, of those sanctioned", source="Guess: D-60 (India plans for D-120)"),
        Indicator("AP6", "Transfers and postings settled", "postings", "notified", "proposed", where=_TRANSFERS,
                  anchor="programme", due=65, milestones=((180, 0.0), (120, 0.3), (90, 0.7), (65, 1.0)),
                  how="Transfers and postings notified, of those put to the commission", source="Guess: before returning officers are appointed"),
    ),
)

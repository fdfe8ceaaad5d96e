"""Training: who will stand untrained at a polling station?"""

from data.declare import DISTRICT, PROVINCE, REMARKS, Code, Column, Domain, Indicator, Rule

COURSES = (
    Code("RO", "DRO, RO and ARO course", ("DRO/RO/ARO", "DROs, ROs and AROs", "Returning officers", "RO course")),
    Code("MT", "Master trainers", ("Master trainer", "Lead trainers", "TOT", "ماسٹر ٹرینر")),
    Code("PRO", "Presiding officers", ("Presiding officer", "Presiding officers course", "پریزائیڈنگ آفیسر")),
    Code("POLL", "Polling staff", ("Polling officials", "APO and PO", "APOs and POs", "پولنگ عملہ")),
    Code("EMS", "EMS operators (results)", ("EMS", "EMS operators", "Results operators")),
    Code("CERS1", "CERS phase 1", ("CERS", "CERS-1", "CERS phase I", "CERS (phase 1)")),
    Code("CERS2", "CERS phase 2", ("CERS-2", "CERS phase II", "CERS (phase 2)")),
    Code("SEC", "Security personnel", ("Security", "Police", "Security staff", "سکیورٹی اہلکار")),
)
CADRES = (
    Code("DRO", "District Returning Officers", ("DROs",)),
    Code("RO", "Returning Officers", ("ROs",)),
    Code("ARO", "Assistant Returning Officers", ("AROs",)),
    Code("TRAINER", "Trainers", ("Trainer", "Master trainers")),
    Code("PRO", "Presiding officers", ("PrO", "PrOs", "Presiding officer")),
    Code("APO", "Assistant presiding officers", ("APOs", "SAPO", "Assistant presiding officer")),
    Code("PO", "Polling officers", ("POs", "Polling officer")),
    Code("OPERATOR", "Data-entry operators", ("Operator", "Operators", "DEO", "Data entry operators")),
    Code("REC", "Regional election commissioners", ("RECs", "Regional election commissioner")),
    Code("DEC", "District election commissioners", ("DECs", "District election commissioner")),
    Code("EO", "Election officers", ("EOs", "Election officer")),
    Code("REGO", "Registration officers", ("Registration officer", "Registration Officers")),
    Code("POLICE", "Police", ("Constables", "پولیس")),
)

DOMAIN = Domain(
    name="training",
    label="Training",
    question="Who will stand untrained at a polling station?",
    row="one row per district, course and cadre",
    columns=(
        PROVINCE,
        DISTRICT,
        Column("course", "Course", "code", required=True, key=True, codes=COURSES, spellings=("Training", "Name of course", "Type of training", "تربیت", "کورس")),
        Column("cadre", "Cadre", "code", required=True, key=True, codes=CADRES, spellings=("Category", "Staff category", "Participants", "Designation", "کیڈر")),
        Column("sessions_planned", "Sessions planned", "count", required=True, spellings=("Planned sessions", "No. of sessions planned")),
        Column("sessions_held", "Sessions held", "count", required=True, cumulative=True,
               spellings=("Held sessions", "Sessions conducted", "No. of sessions held")),
        Column("required", "Required (now in post)", "count", required=True, spellings=("Required", "To be trained", "In post", "Target", "مطلوب"),
               help="Those in post today who must have had this course: it follows appointments and transfers"),
        Column("attended", "Attended", "count", required=True, cumulative=True,
               spellings=("Trained", "Participants attended", "Total trained", "تربیت یافتہ", "شرکت"), help="Of those now in post, how many attended"),
        Column("passed", "Passed", "count", required=True, cumulative=True, spellings=("Qualified", "Passed test", "کامیاب")),
        Column("women_attended", "Women attended", "count", spellings=("Of whom women", "Women", "Female", "خواتین")),
        Column("transferred", "Trained since transferred", "count", spellings=("Transferred after training", "Trained and transferred", "Transferred"),
               help="Trained officers who have left their posts: lost coverage"),
        Column("attended_percent", "Attended %", "percent", of=("attended", "required"), spellings=("% attended", "% trained", "Percentage", "%age", "فیصد")),
        REMARKS,
    ),
    rules=(
        Rule("descending", ("required", "attended", "passed")),
        Rule("descending", ("attended", "women_attended")),
    ),
    indicators=(
        Indicator("TR1", "DRO, RO and ARO trained", "officers", "attended", "required", where="course = 'RO'",
                  anchor="nominations", due=1, milestones=((60, 0.0), (30, 0.4), (14, 0.8), (1, 1.0)), lost="transferred",
                  how="Officers now in post who attended, of all now in post", source="Guess: before nominations (India: D-150 to D-110)"),
        Indicator("TR2", "Polling staff trained", "staff", "attended", "required", where="course in ('PRO', 'POLL')", due=5, duty="staff",
                  milestones=((100, 0.0), (75, 0.15), (45, 0.5), (20, 0.85), (5, 1.0)), lost="transferred",
                  how="Presiding, assistant presiding and polling officers now in post who attended, of all now in post",
                  source="Practice of 2024: ended on D-5 (Express Tribune, Feb 2024)"),
        Indicator("TR3", "EMS operators passed", "operators", "passed", "required", where="course = 'EMS'", due=10,
                  milestones=((120, 0.0), (75, 0.4), (30, 0.85), (10, 1.0)), lost="transferred",
                  how="Operators of the results system who passed, of all required", source="Before the mock exercises of 2024 on D-12 and D-4"),
        Indicator("TR4", "CERS users trained", "users", "attended", "required", where="course in ('CERS1', 'CERS2')", due=100,
                  milestones=((200, 0.0), (150, 0.5), (120, 0.85), (100, 1.0)), lost="transferred",
                  how="Users of the computerised electoral rolls who attended, of all required", source="Guess: D-100"),
    ),
)

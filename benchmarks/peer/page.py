"""Election readiness in one page over a folder of workbooks, as it is usually written by hand with Streamlit and pandas.

The workbooks are read once and cached; the figures, the charts and the tables are made anew in every run. The folder is
WORKBOOKS: `<domain>.xlsx` with today's rows, `history.xlsx` with the weeks before, `plan.xlsx`.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.express as px
import streamlit as st

FOLDER = Path(os.environ["WORKBOOKS"])
E_DAY = pd.Timestamp("2027-02-08")
BEHIND = 0.10
TREND, PACE = pd.Timedelta(days=7 * 17), pd.Timedelta(days=28)
COLOURS = {"Ready": "#1A7551", "On track": "#3A9FBB", "Behind": "#EBAA2D", "Critical": "#940C19", "Not reported": "#F7F8F7", "Stale": "#CCCECD"}
POSTS = {
    "District Returning Officer": "AP1", "Returning Officer": "AP2", "Assistant Returning Officer": "AP3", "District monitoring officer": "AP4",
    "Presiding officer": "AP5", "Assistant presiding officer": "AP5", "Polling officer": "AP5",
    "Commissioner (transfer or posting)": "AP6", "Deputy Commissioner (transfer or posting)": "AP6",
    "Additional Deputy Commissioner (transfer or posting)": "AP6", "District Police Officer (transfer or posting)": "AP6"}
COURSES = {"DRO, RO and ARO course": "TR1", "Presiding officers": "TR2", "Polling staff": "TR2", "EMS operators (results)": "TR3",
           "CERS phase 1": "TR4", "CERS phase 2": "TR4"}

st.set_page_config(page_title="Election readiness", page_icon="🗳️", layout="wide")


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────


@st.cache_data
def read(path: Path, changed: float, sheet: str | int = 0) -> pd.DataFrame:
    return pd.read_excel(path, sheet_name=sheet, engine="openpyxl")


def workbook(name: str, sheet: str | int = 0) -> pd.DataFrame:
    path = FOLDER / f"{name}.xlsx"
    return read(path, path.stat().st_mtime, sheet)


# ── Figures ──────────────────────────────────────────────────────────────────────────────────────


def window(day: pd.Timestamp, usual: int, from_30: int, from_7: int, *, starts: int = 30) -> pd.Timedelta:
    """For how long a report counts: less and less as the day of the election comes near."""
    left = (E_DAY - day).days
    return pd.Timedelta(days=from_7 if left <= 7 * starts // 30 else from_30 if left <= starts else usual)


def appointments() -> pd.DataFrame:
    rows = workbook("appointments")
    rows["Indicator"] = rows["Post"].map(POSTS)
    rows["Done"] = np.where(rows["Indicator"].isin(["AP4", "AP5"]), rows["Joined"], rows["Notified"])
    rows["Required"] = np.where(rows["Indicator"] == "AP6", rows["Proposed"], rows["Sanctioned"])
    return rows


def repairs() -> pd.DataFrame:
    rows = workbook("repairs")
    rows["Required"] = (rows["Station code"] != "NIL").astype(int)
    usable = rows["Status of work"].isin(["Certified", "Alternative notified"])
    started = rows["Status of work"].isin(["In progress", "Completed", "Certified", "Alternative notified"])
    return pd.concat([rows.assign(Indicator="PS1", Done=usable * rows["Required"]), rows.assign(Indicator="PS2", Done=started * rows["Required"])])


def training() -> pd.DataFrame:
    rows = workbook("training")
    rows["Indicator"] = rows["Course"].map(COURSES)
    rows["Done"] = np.where(rows["Indicator"] == "TR3", rows["Passed"], rows["Attended"])
    return rows.rename(columns={"Required (now in post)": "Required"})


def security(today: pd.Timestamp) -> pd.DataFrame:
    rows = workbook("security").merge(workbook("plan", "Briefings"), on="District", how="left")
    since = today - window(today, 30, 14, 7, starts=60)
    briefed = (rows["Last briefing on"] >= since) | (rows["Held on"] >= since)
    return pd.concat([
        rows.assign(Indicator="SE1", Done=briefed.astype(int), Required=1),
        rows.assign(Indicator="SE2", Done=(rows["Plan status"] == "Approved").astype(int), Required=1),
        rows.assign(Indicator="SE3", Done=rows["Personnel committed"], Required=rows["Personnel required"]),
        rows.assign(Indicator="SE4", Done=rows["Cameras installed"], Required=rows["Cameras required"])])


def counts() -> pd.DataFrame:
    """Done and required by day, district and indicator: the weeks before, and today from the rows."""
    history = workbook("history")
    today = history["Day"].max() + pd.Timedelta(days=7)
    rows = pd.concat([appointments(), repairs(), training(), security(today)])
    now = rows.groupby(["District", "Indicator"], as_index=False).agg({"Done": "sum", "Required": "sum", "As-of date": "max"})
    found = pd.concat([history, now.assign(Day=today)])
    found["Fresh"] = found["As-of date"] >= found["Day"].map({day: day - window(day, 14, 3, 1) for day in found["Day"].unique()})
    return found.merge(workbook("plan", "Places")[["District", "Province"]], on="District")


def expected(days: list[pd.Timestamp]) -> pd.DataFrame:
    """The share that the plan wants of each indicator on each day."""
    milestones = workbook("plan", "Milestones")
    milestones["At"], on = (milestones["Date"] - days[0]).dt.days, [(day - days[0]).days for day in days]
    wide = pd.DataFrame({name: np.interp(on, line["At"], line["Share"]) for name, line in milestones.groupby("Indicator")}, index=pd.Index(days, name="Day"))
    return wide.melt(var_name="Indicator", value_name="Expected", ignore_index=False).reset_index().merge(workbook("plan", "Indicators"), on="Indicator")


def weighted(frame: pd.DataFrame, by: list[str], weight: str, reports: str) -> pd.DataFrame:
    """Shares and plans as weighted means, in which what was not reported has no part; `reports` is how the reports are put together."""
    known = frame[weight].where(frame["Share"].notna())
    told = frame.assign(S=frame["Share"] * known, E=frame["Expected"] * known, K=known, P=frame["Expected"] * frame[weight])
    summed = told.groupby(by, as_index=False).agg({
        "S": "sum", "E": "sum", "K": "sum", "P": "sum", weight: "sum", "Complete": "all", "Breached": "any",
        "Reporting": reports, "Fresh": reports, "Districts": reports})
    none = summed["K"] == 0
    summed["Share"] = (summed["S"] / summed["K"]).mask(none)
    summed["Expected"] = (summed["E"] / summed["K"]).mask(none, summed["P"] / summed[weight])
    return summed


def with_status(frame: pd.DataFrame) -> pd.DataFrame:
    told, full = frame["Reporting"], frame["Complete"] & (frame["Reporting"] == frame["Districts"])
    on_plan = frame["Share"].isna() | (frame["Share"] >= frame["Expected"] - 1e-9)
    near = frame["Share"] >= frame["Expected"] - BEHIND - 1e-9
    return frame.assign(Status=np.select(
        [told == 0, frame["Breached"], frame["Fresh"] * 2 < told, full, on_plan & (told * 2 < frame["Districts"]), on_plan, near],
        ["Not reported", "Critical", "Stale", "Ready", "Not reported", "On track", "Behind"], "Critical"))


def figures(found: pd.DataFrame, level: str, places: pd.DataFrame, plan: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """By day and place of a level: the indicators, the domains, and the whole."""
    sizes = places.groupby(level, as_index=False).agg(Districts=("District", "size"))
    every = plan[plan["Day"].isin(found["Day"].unique())].merge(sizes, how="cross")
    summed = found.groupby(["Day", level, "Indicator"], as_index=False).agg(
        Done=("Done", "sum"), Required=("Required", "sum"), Reporting=("District", "size"), Fresh=("Fresh", "sum"))
    indicators = every.merge(summed, on=["Day", level, "Indicator"], how="left").fillna({"Reporting": 0, "Fresh": 0})
    indicators["Share"] = (indicators["Done"] / indicators["Required"]).where(indicators["Required"] > 0)
    indicators["Complete"] = indicators["Done"] >= indicators["Required"]
    indicators["Breached"] = (indicators["Day"] > indicators["Due"]) & (indicators["Done"] < indicators["Required"]) & indicators["Legal"]
    domains = weighted(indicators, ["Day", level, "Domain", "Domain weight"], "Weight", "max")
    whole = weighted(domains, ["Day", level], "Domain weight", "sum")
    return with_status(indicators), with_status(domains), with_status(whole)


def pace(found: pd.DataFrame) -> float:
    """The median slope of what is done between every two reports, in units a day."""
    at, done = (found["Day"] - found["Day"].min()).dt.days.to_numpy(), found["Done"].to_numpy()
    first, last = np.triu_indices(len(at), k=1)
    return float(np.median((done[last] - done[first]) / (at[last] - at[first]))) if len(first) else 0.0


def late(now: pd.DataFrame, over_time: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """What will not be complete on its date at the pace of the last four weeks."""
    lately = over_time[over_time["Day"] >= day - PACE]
    ahead = now[(now["Due"] >= day) & (now["Done"] < now["Required"]) & ~now["Fades"]].copy()
    ahead["A week"] = [7 * pace(lately[lately["Indicator"] == name]) for name in ahead["Indicator"]]
    left = (ahead["Due"] - day).dt.days
    ahead["Short"] = (ahead["Required"] - ahead["Done"] - np.floor(ahead["A week"] / 7 * left)).clip(lower=0)
    ahead["Needed a week"] = 7 * (ahead["Required"] - ahead["Done"]) / left.clip(lower=1)
    return ahead[ahead["Short"] > 0].sort_values("Due")


# ── What is shown ────────────────────────────────────────────────────────────────────────────────

places, found = workbook("plan", "Places").assign(Country="Pakistan"), counts().assign(Country="Pakistan")
days = sorted(found["Day"].unique())
with st.sidebar:
    st.header("Filters")
    province = st.selectbox("Province", ["All", *sorted(places["Province"].unique())])
    domain = st.selectbox("Domain", ["All", *workbook("plan", "Indicators")["Domain"].unique()])
    chosen = pd.Timestamp(st.date_input("Day", days[-1], min_value=days[0], max_value=days[-1], format="DD/MM/YYYY"))
if province != "All":
    places, found = places[places["Province"] == province], found[found["Province"] == province]
day = max(one for one in days if one <= chosen)
before = day - pd.Timedelta(days=7)
found = found[(found["Day"] <= day) & (found["Day"] >= day - TREND)]

plan = expected(days)
over_time, domains_over_time, whole_over_time = figures(found, "Country", places, plan)
_, province_domains, province_whole = figures(found[found["Day"].isin([before, day])], "Province", places, plan)
district_indicators, district_domains, district_whole = figures(found[found["Day"] == day], "District", places, plan)
now, was = (whole_over_time[whole_over_time["Day"] == one].iloc[0] if (whole_over_time["Day"] == one).any() else None for one in (day, before))

st.title("General Election: readiness")
st.caption(f"Election day {E_DAY:%d %B %Y}, {(E_DAY - day).days} days left. As of {day:%d %B %Y}. "
           f"{found[found['Day'] == day]['District'].nunique()} of {len(places)} districts report.")
share, wanted, status, reports = st.columns(4)
share.metric("Ready", f"{now['Share']:.0%}", None if was is None else f"{100 * (now['Share'] - was['Share']):+.1f} points since {before:%d %b}")
wanted.metric("The plan wants", f"{now['Expected']:.0%}", f"{100 * (now['Share'] - now['Expected']):+.0f} points")
status.metric("Status", now["Status"])
reports.metric("Reports", f"{now['Reporting']:.0f} of {now['Districts']:.0f}")

st.subheader("The legal clock")
at_day = over_time[over_time["Day"] == day]
for column, duty in zip(st.columns(4), workbook("plan", "Duties").to_dict("records")):
    parts = at_day[at_day["Duty"] == duty["Duty"]]
    short = (parts["Required"] - parts["Done"]).sum()
    left = (duty["Date"] - day).days
    is_met = duty["Met on"] <= day if parts.empty else short == 0
    state = "met" if is_met else f"{left} days left" if left >= 0 else f"{-left} days over"
    column.metric(duty["Duty"], f"{duty['Date']:%d %b %Y}", state + (f", {short:,.0f} missing" if short else ""),
                  delta_color="off" if is_met or left >= 0 else "inverse")

for column, last in zip(st.columns(4), domains_over_time[domains_over_time["Day"] == day].to_dict("records")):
    column.metric(last["Domain"], f"{last['Share']:.0%}", f"{100 * (last['Share'] - last['Expected']):+.0f} points of the plan, {last['Status']}", border=True)
chart = px.line(domains_over_time, x="Day", y=["Share", "Expected"], facet_col="Domain", range_y=[0, 1], height=200)
chart.update_layout(showlegend=False, margin={"l": 0, "r": 0, "t": 24, "b": 0}, yaxis_title=None, yaxis_tickformat=".0%")
chart.update_xaxes(title=None)
st.plotly_chart(chart, key="trends")

left, right = st.columns([9, 11])
with left:
    st.subheader("Districts")
    shown = district_whole if domain == "All" else district_domains[district_domains["Domain"] == domain]
    tiles = shown.merge(places, on="District").assign(Label=lambda frame: frame["District"].str[:4])
    chart = px.scatter(
        tiles, x="Column", y="Row", color="Status", color_discrete_map=COLOURS, category_orders={"Status": list(COLOURS)}, text="Label",
        hover_name="District", hover_data={"Province": True, "Share": ":.0%", "Expected": ":.0%", "Column": False, "Row": False, "Label": False}, height=560)
    chart.update_traces(marker={"symbol": "square", "size": 26, "line": {"width": 1, "color": "#8A9590"}}, textfont={"size": 9})
    chart.update_layout(legend={"orientation": "h", "title": None}, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    chart.update_xaxes(visible=False)
    chart.update_yaxes(visible=False, autorange="reversed")
    st.plotly_chart(chart, key="districts", on_select="rerun", selection_mode="points")
with right:
    st.subheader("What will be late")
    missing = late(at_day, over_time, day)
    st.dataframe(missing[["Label", "Due", "Short", "A week", "Needed a week", "Unit"]], hide_index=True, column_config={
        "Due": st.column_config.DateColumn(format="DD/MM/YYYY"),
        **{name: st.column_config.NumberColumn(format="%.0f") for name in ("Short", "A week", "Needed a week")}})

    st.subheader("Who must act")
    gaps = district_domains.assign(Gap=100 * (district_domains["Expected"] - district_domains["Share"])).dropna(subset="Gap")
    worst = gaps.sort_values("Gap", ascending=False).drop_duplicates("District").head(5)
    parts = district_indicators.assign(Gap=(district_indicators["Expected"] - district_indicators["Share"]) * district_indicators["Weight"])
    heaviest = parts.sort_values("Gap", ascending=False).drop_duplicates(["District", "Domain"])[["District", "Domain", "Label", "Done", "Required"]]
    st.dataframe(worst[["District", "Domain", "Status", "Gap"]].merge(heaviest, on=["District", "Domain"]), hide_index=True,
                 column_config={"Gap": st.column_config.NumberColumn("Points behind", format="%.0f")})
    for word, named in (("Not reported", district_domains["Reporting"] == 0), ("Stale", district_domains["Fresh"] < district_domains["Reporting"])):
        lines = [f"- **{word}, {name}:** {', '.join(one['District'])}" for name, one in district_domains[named].groupby("Domain")]
        st.markdown("\n".join(lines) or f"No district is {word.lower()}.")

    st.subheader("Provinces")
    cells = pd.concat([province_domains, province_whole.assign(Domain="Overall")])
    cells["Cell"] = cells["Status"] + " " + (100 * cells["Share"]).round().map("{:.0f} %".format)
    table = cells[cells["Day"] == day].pivot(index="Province", columns="Domain", values="Cell")
    moved = province_whole.pivot(index="Province", columns="Day", values="Share")
    table["Since a week"] = (100 * (moved[day] - moved[before])).round(1) if before in moved else np.nan
    st.dataframe(table)
    st.download_button("Take along as CSV", cells.to_csv(index=False), f"provinces-{day:%Y-%m-%d}.csv", "text/csv")

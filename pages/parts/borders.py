"""The map with the boundaries that an operator has installed: frame → figure."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pages.parts.theme import SANS, STATUSES, paper, plotly_layout
from pages.parts.tiles import hover, scale


def border_map(frame: pd.DataFrame, outlines: dict[str, Any], *, dark: bool = False) -> dict[str, Any]:
    """Each district in its own outline, painted by its status and marked with its shape.

    Columns: those of `tiles.tile_map`, with lat and lon of the district's middle. `outlines` is GeoJSON whose features
    have the property `code` and whose outer rings run clockwise. A click selects a point whose `location` is the code.
    """
    colours, districts = paper(dark), frame.to_dict("list")
    keys = list(STATUSES)
    areas = {
        "type": "choropleth", "geojson": outlines, "featureidkey": "properties.code", "locations": districts["code"],
        "z": [keys.index(status) for status in districts["status"]], "zmin": 0, "zmax": len(keys) - 1, "colorscale": scale("fill", dark=dark),
        "showscale": False, "marker": {"line": {"color": colours.ground, "width": 0.7}}, "hovertext": hover(districts),
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    shapes = {
        "type": "scattergeo", "mode": "text", "lat": districts["lat"], "lon": districts["lon"],
        "text": [STATUSES[status].shape for status in districts["status"]], "hoverinfo": "skip",
        "textfont": {"family": SANS, "size": 9, "color": [STATUSES[status].ink(dark).text for status in districts["status"]]},
    }
    return {"data": [areas, shapes], "layout": plotly_layout(dark) | {
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "clickmode": "event+select", "dragmode": False,
        "geo": {"visible": False, "fitbounds": "locations", "projection": {"type": "mercator"}, "bgcolor": "rgba(0,0,0,0)"}}}

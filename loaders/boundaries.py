"""An operator's boundary file → the districts' outlines that the map draws."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from data.places import Places
from loaders.problems import LoadError

FILE = "districts.geojson"
_MOST_READ = 200 * 1024 * 1024  # bytes of the file as it comes
_MOST_WRITTEN = 300_000  # bytes: a screen shows no more
_ENOUGH = 0.9  # of the election's districts
_FINEST, _COARSEST = 0.002, 0.2  # degrees by which an outline may be off
_DECIMALS = 3  # of a degree: about 100 m


@dataclass(frozen=True)
class Report:
    """What was installed where, the election's districts without an outline, and what the file has beside them."""

    path: Path
    size: int
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    unmatched: tuple[str, ...]


def install(path: Path, places: Places, target_dir: Path) -> Report:
    """Matches a GeoJSON file's features to the districts, makes them small and writes `districts.geojson`.

    Each feature of that file has one property, `code`; its outer rings run clockwise, as plotly draws them. LoadError,
    and nothing written, if the file can't be read so or has fewer than nine in ten of the districts.
    """
    found, unmatched = _matched(list(_features(_read(path))), places)
    missing = tuple(district.name for district in places.districts if district.code not in found)
    if len(found) < _ENOUGH * len(places.districts):
        raise LoadError("too_few_districts", (
            f"Only {len(found)} of the {len(places.districts)} districts were found in {path.name}, and nothing was installed. "
            f"Not found: {_listed(missing)}. Not recognised in the file: {_listed(unmatched)}. "
            "Give each feature the district's code or its name as a property."))
    content = _small([(code, found[code]) for code in sorted(found)])
    target_dir.mkdir(parents=True, exist_ok=True)
    written = target_dir / FILE
    written.write_text(content, encoding="utf-8")
    return Report(written, written.stat().st_size, tuple(sorted(found)), missing, unmatched)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "") or "none"


def _read(path: Path) -> dict[str, Any]:
    """The feature collection in the file."""
    try:
        if path.stat().st_size > _MOST_READ:
            raise LoadError("too_large", f"{path.name} is larger than {_MOST_READ // 1024 ** 2} MB. Simplify the boundaries first.")
        told = json.loads(path.read_bytes())
    except OSError:
        raise LoadError("not_found", f"There is no file {path} that can be read.") from None
    except (ValueError, RecursionError):
        raise _not_geojson(path) from None
    kind = told.get("type") if isinstance(told, dict) else None
    if kind == "Topology":
        raise LoadError("topojson", f"{path.name} is TopoJSON. Save the districts as GeoJSON (a FeatureCollection) and install that.")
    if kind != "FeatureCollection" or not isinstance(told.get("features"), list) or not told["features"]:
        raise _not_geojson(path)
    return told


def _not_geojson(path: Path) -> LoadError:
    return LoadError("not_geojson", f"{path.name} is not a GeoJSON file with districts: expected is a FeatureCollection "
                                    "with a feature for each.")


def _features(told: dict[str, Any]) -> Iterator[tuple[dict[str, str], BaseGeometry]]:
    """Each feature's texts by property, its id among them, and its area."""
    for number, feature in enumerate(told["features"], 1):
        found = feature if isinstance(feature, dict) else {}
        properties = found.get("properties") if isinstance(found.get("properties"), dict) else {}
        texts = {key: value for key, value in {**properties, "id": found.get("id")}.items() if isinstance(value, str) and value.strip()}
        yield texts, _area(found.get("geometry"), next(iter(texts.values()), f"feature {number}"))


def _area(geometry: Any, name: str) -> BaseGeometry:
    """A feature's polygons, of closed rings in degrees."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise LoadError("no_polygon", f"“{name}” has no area: expected is a Polygon or a MultiPolygon.")
    polygons = geometry.get("coordinates")
    try:
        for ring in (ring for polygon in ([polygons] if geometry["type"] == "Polygon" else polygons) for ring in polygon):
            _check_ring(ring, name)
        return MultiPolygon(_polygons(shapely.make_valid(shapely.force_2d(shape(geometry)))))
    except (TypeError, ValueError, IndexError, AttributeError, shapely.errors.ShapelyError):
        raise LoadError("bad_coordinates", f"The coordinates of “{name}” can't be read: "
                                           "expected are rings of [longitude, latitude].") from None


def _check_ring(ring: list[list[float]], name: str) -> None:
    for longitude, latitude, *_ in ring:
        if not (abs(longitude) <= 180 and abs(latitude) <= 90):
            raise LoadError("bad_coordinates", f"“{name}” has the point {longitude}, {latitude}, which is no longitude and latitude. "
                                               "Save the file in degrees (WGS 84, EPSG:4326).")
    if len(ring) < 4 or list(ring[0]) != list(ring[-1]):
        raise LoadError("open_ring", f"“{name}” has a ring that is not closed: its last point must be its first.")


def _matched(
    features: Sequence[tuple[dict[str, str], BaseGeometry]], places: Places,
) -> tuple[dict[str, BaseGeometry], tuple[str, ...]]:
    """The area of each district that was found, by code, and what the other features are called.

    One property tells the districts, the one that names most of them: a division often bears a district's name.
    """
    codes = {
        key: [places.resolve(texts[key]).code if key in texts else None for texts, _ in features]
        for key in dict.fromkeys(key for texts, _ in features for key in texts)}
    best = max(codes, key=lambda key: len(set(codes[key]) - {None}), default="")
    areas: dict[str, list[BaseGeometry]] = {}
    unmatched = []
    for number, (texts, area) in enumerate(features):
        code = codes[best][number] if best else None
        if code is None:
            unmatched.append(texts.get(best) or next(iter(texts.values()), f"feature {number + 1}"))
        else:
            areas.setdefault(code, []).append(area)
    return {code: shapely.union_all(parts) for code, parts in areas.items()}, tuple(unmatched)


def _small(districts: Sequence[tuple[str, BaseGeometry]]) -> str:
    """GeoJSON of the districts, as fine as the bound on its size allows. Shared borders stay shared."""
    areas = [area for _, area in districts]
    tolerance = 0.0
    while True:
        simpler = shapely.coverage_simplify(areas, tolerance) if tolerance else areas
        content = _geojson([code for code, _ in districts], simpler)
        if len(content) <= _MOST_WRITTEN or tolerance > _COARSEST:
            return content
        tolerance = max(_FINEST, tolerance * 1.5)


def _geojson(codes: Sequence[str], areas: Sequence[BaseGeometry]) -> str:
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": mapping(_wound(area))} for code, area in zip(codes, areas)]
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))


def _wound(area: BaseGeometry) -> MultiPolygon:
    """An area, rounded, with outer rings clockwise and holes against the clock: wound the other way, a district would be
    painted as all the rest of the world."""
    rounded = shapely.remove_repeated_points(shapely.transform(area, lambda points: points.round(_DECIMALS)))
    return MultiPolygon([orient(polygon, -1.0) for polygon in _polygons(rounded) if polygon.area > 0])


def _polygons(area: BaseGeometry) -> list[Polygon]:
    """The polygons of any geometry; making one valid may leave lines beside them."""
    return [part for part in shapely.get_parts(shapely.get_parts(area)) if isinstance(part, Polygon)]

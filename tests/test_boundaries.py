"""Installing a boundary file: districts are recognised, outlines come out as the map draws them, bad files are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loaders import boundaries
from loaders.boundaries import install
from loaders.problems import LoadError
from small_country import election_in

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]  # against the clock


@pytest.fixture
def places(tmp_path):
    return election_in(tmp_path).places


def moved(ring, columns, rows=0):
    return [[x + columns, y + rows] for x, y in ring]


def feature(ring_or_geometry, **properties):
    geometry = ring_or_geometry if isinstance(ring_or_geometry, dict) else {"type": "Polygon", "coordinates": [ring_or_geometry]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def five(**of_first):
    """A feature for each district of the small country, in a row from west to east."""
    names = ["Amber", "Birch", "Cedar", "Dune", "Ember"]
    return [feature(moved(SQUARE, number), name=name, **(of_first if number == 0 else {})) for number, name in enumerate(names)]


def written(folder: Path, *features) -> Path:
    path = folder / "official.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


def outlines(report) -> dict[str, list]:
    told = json.loads(report.path.read_text(encoding="utf-8"))
    assert all(set(one["properties"]) == {"code"} for one in told["features"])
    return {one["properties"]["code"]: one["geometry"]["coordinates"] for one in told["features"]}


def turn(ring) -> float:
    """Twice the area that a ring encloses: negative when it runs clockwise."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:]))


def refused(path, places, folder) -> LoadError:
    with pytest.raises(LoadError) as error:
        install(path, places, folder / "boundaries")
    assert not (folder / "boundaries").exists()
    assert "\n" not in str(error.value) and str(error.value).endswith(".")
    return error.value


def test_every_district_is_written_by_its_code_where_the_map_looks_for_it(tmp_path, places):
    report = install(written(tmp_path, *five()), places, tmp_path / "boundaries")
    assert report.path == tmp_path / "boundaries" / "districts.geojson" and report.size == report.path.stat().st_size
    assert tuple(outlines(report)) == report.matched == ("N1", "N2", "N3", "S1", "S2")
    assert report.missing == report.unmatched == ()


@pytest.mark.parametrize("way", [1, -1])
def test_outer_rings_run_clockwise_and_holes_the_other_way_however_they_came(way, tmp_path, places):
    hole = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6], [0.4, 0.4]]
    ring = {"type": "Polygon", "coordinates": [SQUARE[::way], hole[::way]]}
    island = {"type": "MultiPolygon", "coordinates": [[moved(SQUARE, 8)[::way]], [moved(SQUARE, 8, 3)[::way]]]}
    features = [feature(ring, name="Amber"), *five()[1:4], feature(island, name="Ember")]
    found = outlines(install(written(tmp_path, *features), places, tmp_path))
    assert len(found["N1"][0]) == 2 and len(found["S2"]) == 2
    for polygons in found.values():
        for outer, *holes in polygons:
            assert turn(outer) < 0 and all(turn(inner) > 0 for inner in holes)


def test_a_district_is_known_by_its_code_its_name_or_its_urdu_name(tmp_path, places):
    for keys in (["N1", "N2", "N3", "S1", "S2"], ["الف", "بے", "جیم", "دال", "رے"], ["District Amber", "BIRCH", "3. Cedar", "dune", "Ember Distt"]):
        features = [feature(moved(SQUARE, number), shape_no=number, key=key) for number, key in enumerate(keys)]
        assert len(install(written(tmp_path, *features), places, tmp_path).matched) == 5


def test_a_division_that_bears_a_districts_name_is_not_taken_for_that_district(tmp_path, places):
    features = [feature(moved(SQUARE, number), division="Amber", name=name) for number, name in enumerate(("Elsewhere", "Amber", "Birch", "Cedar", "Dune", "Ember"))]
    report = install(written(tmp_path, *features), places, tmp_path)
    assert report.unmatched == ("Elsewhere",)
    assert min(x for x, _ in outlines(report)["N1"][0][0]) == 1


def test_the_parts_of_one_district_are_put_together(tmp_path, places):
    report = install(written(tmp_path, *five(), feature(moved(SQUARE, 4, 1), name="Ember")), places, tmp_path)
    assert {tuple(point) for point in outlines(report)["S2"][0][0]} >= {(4, 0), (5, 0), (4, 2), (5, 2)}


def test_what_is_missing_and_what_is_not_recognised_is_named(tmp_path, places, monkeypatch):
    monkeypatch.setattr(boundaries, "_ENOUGH", 0.8)
    report = install(written(tmp_path, *five()[:4], feature(moved(SQUARE, 9), name="Atlantis")), places, tmp_path)
    assert report.missing == ("Ember",) and report.unmatched == ("Atlantis",)


def test_a_file_with_too_few_of_the_districts_is_refused(tmp_path, places):
    error = refused(written(tmp_path, *five()[:4], feature(moved(SQUARE, 9), name="Atlantis")), places, tmp_path)
    assert str(error) == (
        "Only 4 of the 5 districts were found in official.geojson, and nothing was installed. Not found: Ember. Not recognised in the file: Atlantis. "
        "Give each feature the district's code or its name as a property.")


def test_a_finer_file_becomes_as_small_as_a_screen_needs_and_shared_borders_stay_shared(tmp_path, places, monkeypatch):
    monkeypatch.setattr(boundaries, "_MOST_WRITTEN", 6_000)
    wavy = [[1 + 0.04 * (-1) ** step, step / 400] for step in range(1, 400)]
    left = [[0, 0], [1, 0], *wavy, [1, 1], [0, 1], [0, 0]]
    right = [[1, 0], [2, 0], [2, 1], [1, 1], *wavy[::-1], [1, 0]]
    path = written(tmp_path, feature(left, name="Amber"), feature(right, name="Birch"), *five()[2:])
    report = install(path, places, tmp_path)
    assert report.size <= 6_000 < path.stat().st_size
    found = outlines(report)
    border = [{tuple(point) for point in found[code][0][0]} for code in ("N1", "N2")]
    assert border[0] & border[1] == {point for point in border[0] if 0.5 < point[0] < 1.5} == {point for point in border[1] if 0.5 < point[0] < 1.5}


@pytest.mark.parametrize("ring, says", [
    ([[67_000, 24_000], [68_000, 24_000], [68_000, 25_000], [67_000, 24_000]], "“Amber” has the point 67000, 24000, which is no longitude and latitude"),
    ([[0, 0], [1, 0], [1, float("nan")], [0, 0]], "no longitude and latitude"),
    ([[0, 0], [1, 0], [1, 1], [0, 1]], "“Amber” has a ring that is not closed"),
    ([[0, 0], [1, 0], [0, 0]], "“Amber” has a ring that is not closed"),
    ([["a", "b"], ["c", "d"]], "The coordinates of “Amber” can't be read"),
    ([1, 2, 3, 4], "The coordinates of “Amber” can't be read"),
    (None, "The coordinates of “Amber” can't be read"),
    ({"type": "Point", "coordinates": [1, 1]}, "“Amber” has no area"),
    ({"type": "Polygon"}, "The coordinates of “Amber” can't be read"),
])
def test_coordinates_that_are_none_are_refused_by_the_features_name(ring, says, tmp_path, places):
    first = feature(ring, name="Amber") if ring is not None else feature({"type": "Polygon", "coordinates": [[None]]}, name="Amber")
    assert says in str(refused(written(tmp_path, first, *five()[1:]), places, tmp_path))


@pytest.mark.parametrize("content, kind", [
    (b"", "not_geojson"), (b"PK\x03\x04", "not_geojson"), (b"[]", "not_geojson"), (b'"text"', "not_geojson"), (b"[" * 100_000, "not_geojson"),
    (b'{"type": "FeatureCollection", "features": []}', "not_geojson"), (b'{"type": "FeatureCollection"}', "not_geojson"),
    (b'{"type": "Topology", "objects": {}, "arcs": []}', "topojson"), (b'{"type": "FeatureCollection", "features": [7]}', "no_polygon"),
])
def test_what_is_not_geojson_is_refused_in_one_sentence(content, kind, tmp_path, places):
    path = tmp_path / "official.geojson"
    path.write_bytes(content)
    assert refused(path, places, tmp_path).kind == kind


def test_a_file_that_is_not_there_is_said_so(tmp_path, places):
    assert refused(tmp_path / "nowhere.geojson", places, tmp_path).kind == "not_found"

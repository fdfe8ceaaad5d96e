"""The files of a shared store in a bucket: what is stored there is what a file would hold, also when the bucket has been away."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from benchmarks.postgres import Postgres, serving
from data import backups
from data.database import Shared, StoreError, database
from data.election import Election
from data.store import Store
from loaders import submissions
from sheets_for import hand_in, sheet
from small_country import before, election_in
from test_crash import assert_whole, buildings, contents

PATIENCE = 60  # seconds
_MANY = 1_500  # buildings of each district: more rows than are kept in PostgreSQL


class Bucket:
    """A server on loopback that speaks S3, with one bucket in its memory."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with urlopen(Request(f"{self.address}/readiness", method="PUT"), timeout=PATIENCE):
                    return
            except URLError:
                assert time.monotonic() < until and self.process.poll() is None
                time.sleep(0.1)

    def names(self) -> list[str]:
        """What lies in it."""
        with urlopen(f"{self.address}/readiness?list-type=2", timeout=PATIENCE) as told:
            return [part.split("</Key>")[0] for part in told.read().decode().split("<Key>")[1:]]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    served = Bucket()
    yield served
    served.process.terminate()
    served.process.wait(PATIENCE)


@pytest.fixture(autouse=True)
def reached(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its operator sets."""
    for name, value in {"AWS_ACCESS_KEY_ID": "a key", "AWS_SECRET_ACCESS_KEY": "a secret", "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": bucket.address,
                        "READINESS_BACKUPS": str(tmp_path / "backups")}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def election(tmp_path: Path) -> Election:
    return election_in(tmp_path)


@pytest.fixture
def shared(postgres: Postgres, request: pytest.FixtureRequest) -> Shared:
    postgres.query(f'create database "{request.node.name}"')
    return Shared(postgres.reached(request.node.name), f"s3://readiness/{request.node.name}/")


def test_servers_over_a_bucket_hold_what_a_file_would(shared: Shared, bucket: Bucket, election: Election, tmp_path: Path) -> None:
    with closing(Store(shared, election)) as one, closing(Store(Shared(shared.reached), election)) as other:
        for number in range(2):
            hand_in(one, "repairs", buildings(_MANY, ready=number), before(40 - number))
        assert any(name.endswith(".parquet") and "/rows_repairs/" in name for name in bucket.names())
        hand_in(other, "repairs", buildings(4, ready=2), before(30))
        standing, files = contents(one), set(bucket.names())
        assert "is tidy" in other.compact(timedelta(0))
        assert set(bucket.names()) != files
        assert contents(one) == contents(other) == standing
        assert_whole(one)
    back = database(str(tmp_path / "back.duckdb"))
    moved = backups.move(shared, back, election, by="A keeper")
    with closing(Store(back, election)) as embedded:
        held = contents(embedded)
        assert moved.tables["rows_repairs"].rows == len(standing["rows_repairs"]) > 2 * _MANY
        assert {table: rows for table, rows in held.items() if table not in ("audit", "migrations")} == {
            table: rows for table, rows in standing.items() if table not in ("audit", "migrations")}


def test_while_the_bucket_is_gone_a_sentence_says_so_and_what_stood_before_stands(
    shared: Shared, bucket: Bucket, election: Election, monkeypatch: pytest.MonkeyPatch,
) -> None:
    with closing(Store(shared, election)) as store:
        hand_in(store, "repairs", buildings(_MANY, ready=1), before(40))
        standing = contents(store)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody listens there
    with closing(Store(Shared(shared.reached), election)) as cut_off:
        with pytest.raises(StoreError, match="The bucket with the files can't be reached.* What is stored is safe"):
            cut_off.ask_rows("from rows_repairs", {})
        with pytest.raises(StoreError, match="The bucket with the files can't be reached"):
            submissions.stage(cut_off, "repairs.csv", sheet("repairs", buildings(_MANY, ready=2), before(39)), sender="An office")
        with pytest.raises(StoreError, match="Nothing was stored. The bucket with the files can't be reached.* Do this again"), cut_off.transaction() as cursor:
            cursor.execute("insert into rows_repairs by name select uuidv7() as submission, 'N1' as district, range as row from range(20_000)")
    monkeypatch.setenv("AWS_ENDPOINT_URL", bucket.address)
    with closing(Store(Shared(shared.reached), election)) as again:
        assert contents(again) == standing

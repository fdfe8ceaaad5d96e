"""The proxies' files in deploy/, in the proxies themselves, before two servers that say who they are and what they were asked."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from asyncio import timeout
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection
from http.cookies import SimpleCookie
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

DEPLOY = Path(__file__).parents[1] / "deploy"
HOST = "readiness.example.org"
PATIENCE = 30  # seconds until a proxy answers
MANY = 30  # people: that all of them are at one of two servers by chance happens once in five hundred million times


class Behind:
    """A server behind the proxy: it answers with its name and the headers with which it was asked, and says its name on a websocket."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._server: Server = serve(self._say, "127.0.0.1", 0, process_request=self._answer)
        self.port: int = self._server.socket.getsockname()[1]
        Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()

    def _say(self, connection: ServerConnection) -> None:
        connection.send(self.name)

    def _answer(self, _: ServerConnection, request: Request) -> Response | None:
        if request.path == "/stream":
            return None
        told = json.dumps({"name": self.name, "headers": [(name.lower(), value) for name, value in request.headers.raw_items()], "long": "a" * 4_000}).encode()
        kind = "text/css" if request.path.endswith(".css") else "text/html"
        return Response(HTTPStatus.OK, "OK", Headers({"content-type": kind, "content-length": str(len(told)), "connection": "close"}), told)


class Person:
    """Somebody with a browser: keeps the cookies, and has a session where one is given."""

    def __init__(self, port: int, session: str = "") -> None:
        self._port, self._cookies = port, {"theme": "dark", **({"__Host-readiness": session} if session else {}), "width": "wide"}

    def ask(self, path: str = "/", **headers: str) -> dict[str, Any]:
        """What the server behind says."""
        return json.loads(self._asked(path, headers)[1])

    def encoding(self, path: str) -> str | None:
        """How what comes is compressed."""
        return self._asked(path, {"Accept-Encoding": "gzip"})[0].get("content-encoding")

    def _asked(self, path: str, headers: dict[str, str]) -> tuple[HTTPMessage, bytes]:
        line = HTTPSConnection("127.0.0.1", self._port, timeout=PATIENCE, context=_context())
        line._create_connection = lambda *_: socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE)  # by the name of the host, at this computer
        line.host = HOST
        line.request("GET", path, headers={"Host": HOST, "Cookie": self._cookie, **headers})
        answer = line.getresponse()
        told = answer.read()
        self._cookies |= {name: one.value for one in map(SimpleCookie, answer.headers.get_all("set-cookie", [])) for name, one in one.items()}
        line.close()
        assert answer.status == HTTPStatus.OK, (answer.status, told[:300])
        return answer.headers, told

    def hear(self) -> str:
        """What the server behind says on a websocket."""
        async def heard() -> str:
            async with timeout(PATIENCE), connect(f"wss://{HOST}/stream", host="127.0.0.1", port=self._port, ssl=_context(), additional_headers={"Cookie": self._cookie}) as line:
                return str(await line.recv())

        return asyncio.run(heard())

    @property
    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())


@pytest.fixture
def behind() -> Iterator[tuple[Behind, Behind]]:
    both = Behind("north"), Behind("south")
    yield both
    for one in both:
        one.end()


@contextmanager
def nginx(folder: Path, servers: tuple[Behind, ...]) -> Iterator[tuple[int, int]]:
    """nginx with the file of deploy/ in its http block; the ports at which it answers with TLS and without."""
    safe, plain = _free_port(), _free_port()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
                   check=True, capture_output=True)
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    site = _replaced(site, r"server 127\.0\.0\.1:8501 ([^\n]*)", lambda found: "\n    ".join(f"server 127.0.0.1:{one.port} {found[1]}" for one in servers))
    site = _replaced(site, r"listen 443 ", f"listen 127.0.0.1:{safe} ")
    site = _replaced(site, r"listen 80;", f"listen 127.0.0.1:{plain};")
    site = _replaced(site, rf"/etc/letsencrypt/live/{re.escape(HOST)}", str(folder), times=2)
    (folder / "site.conf").write_text(site, encoding="utf-8")
    temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"daemon off;\npid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}\ninclude {folder}/site.conf;\n}}\n", encoding="utf-8")
    with _running([_found("nginx"), "-e", f"{folder}/log", "-p", str(folder), "-c", f"{folder}/nginx.conf"], safe, folder / "log"):
        yield safe, plain


@contextmanager
def caddy(folder: Path, servers: tuple[Behind, ...]) -> Iterator[tuple[int, int]]:
    """Caddy with the file of deploy/, but with a certificate that it makes for itself; the ports at which it answers with TLS and without."""
    safe, plain = _free_port(), _free_port()
    site = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    site = _replaced(site, r"reverse_proxy 127\.0\.0\.1:8501 ", f"reverse_proxy {' '.join(f'127.0.0.1:{one.port}' for one in servers)} ")
    site = _replaced(site, rf"\n{re.escape(HOST)} {{\n", f"\n{HOST} {{\n\ttls internal\n\tbind 127.0.0.1\n")
    options = f"{{\n\tadmin off\n\tgrace_period 1s\n\tskip_install_trust\n\thttps_port {safe}\n\thttp_port {plain}\n\tstorage file_system {folder}/kept\n}}\n"
    (folder / "Caddyfile").write_text(options + site, encoding="utf-8")
    with _running([_found("caddy"), "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"], safe, folder / "log", HOME=str(folder)):
        yield safe, plain


Proxy = Callable[[Path, tuple[Behind, ...]], Any]


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest) -> Proxy:
    return request.param


def test_each_person_stays_at_one_server_and_each_server_has_people(proxy: Proxy, tmp_path: Path, behind: tuple[Behind, Behind]) -> None:
    with proxy(tmp_path, behind) as (port, _):
        at = set()
        for number in range(MANY):
            person = Person(port, session=f"session-{number}")
            own = {person.ask(path)["name"] for path in ("/", "/province?place=PK6", "/static/app.js")} | {person.hear()}
            assert len(own) == 1
            at |= own
        assert at == {"north", "south"}


def test_who_has_no_session_yet_stays_at_one_server_as_well(proxy: Proxy, tmp_path: Path, behind: tuple[Behind, Behind]) -> None:
    with proxy(tmp_path, behind) as (port, _):
        person = Person(port)
        assert len({person.ask("/signin")["name"] for _ in range(5)} | {person.hear()}) == 1


def test_the_caller_is_whom_the_proxy_sees_and_not_whom_they_say_they_are(proxy: Proxy, tmp_path: Path, behind: tuple[Behind, Behind]) -> None:
    with proxy(tmp_path, behind) as (port, _):
        told = Person(port, session="one").ask("/", **{"X-Forwarded-For": "203.0.113.9"})["headers"]
    assert [value for name, value in told if name == "x-forwarded-for"] == ["127.0.0.1"]
    assert [value.partition(":")[0] for name, value in told if name == "host"] == [HOST]


def test_what_pages_are_drawn_with_is_compressed_and_nothing_that_tells_of_somebody(proxy: Proxy, tmp_path: Path, behind: tuple[Behind, Behind]) -> None:
    with proxy(tmp_path, behind) as (port, _):
        person = Person(port, session="one")
        assert [person.encoding(path) for path in ("/static/css/a.css", "/app/static/door.css", "/look/0.css")] == ["gzip"] * 3
        assert [person.encoding(path) for path in ("/", "/signin", "/account", "/api/v1/figures", "/table/1/a.css")] == [None] * 5


def test_when_a_server_is_gone_its_people_are_served_by_another(proxy: Proxy, tmp_path: Path, behind: tuple[Behind, Behind]) -> None:
    north, south = behind
    with proxy(tmp_path, behind) as (port, _):
        people = [Person(port, session=f"session-{number}") for number in range(MANY)]
        assert {person.ask()["name"] for person in people} == {"north", "south"}
        north.end()
        assert {person.ask()["name"] for person in people} == {south.name}
        assert {person.hear() for person in people} == {south.name}


def test_who_comes_without_tls_is_sent_to_where_it_is(proxy: Proxy, tmp_path: Path, behind: tuple[Behind, Behind]) -> None:
    with proxy(tmp_path, behind) as (_, plain):
        line = HTTPConnection("127.0.0.1", plain, timeout=PATIENCE)
        line.request("GET", "/province?place=PK6", headers={"Host": HOST})
        answer = line.getresponse()
        assert answer.status in (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT)
        assert re.fullmatch(rf"https://{re.escape(HOST)}(:\d+)?/province\?place=PK6", answer.headers["location"])
        line.close()


@contextmanager
def _running(command: list[str], port: int, log: Path, **environment: str) -> Iterator[None]:
    """A program, from when it takes connections at a port until the block ends."""
    with log.open("ab") as told, subprocess.Popen(command, stdout=told, stderr=told, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment}) as process:
        try:
            until = time.monotonic() + PATIENCE
            while not _answers(port):
                assert process.poll() is None and time.monotonic() < until, log.read_text(encoding="utf-8")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            process.kill()


def _answers(port: int) -> bool:
    """Whether there is TLS for our host: a proxy may take connections before it has its certificate."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line, _context().wrap_socket(line, server_hostname=HOST):
            return True
    except OSError:
        return False


def _context() -> ssl.SSLContext:
    """Takes the certificate that was made for the test as it is."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _found(program: str) -> str:
    found = shutil.which(program, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert found, f"{program} is missing: on Debian and Ubuntu, apt install {program}"
    return found


def _replaced(text: str, pattern: str, by: str | Callable[[re.Match[str]], str], times: int = 1) -> str:
    """The text with what a test can't have as it is; it must be there."""
    replaced, count = re.subn(pattern, by if callable(by) else lambda _: by, text)
    assert count == times, (pattern, count)
    return replaced


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

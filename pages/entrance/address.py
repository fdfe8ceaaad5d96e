"""Under which address the program is reached, and what follows from it: which hosts, which origins, which cookie."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

COOKIE = "readiness"  # of the session
_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via")


class AddressError(Exception):
    """The program can't be served under this address; the message says why and what to do."""


@dataclass(frozen=True)
class Address:
    """The public address, such as https://readiness.example.org, or '' where only this computer reaches the program."""

    url: str = ""

    @classmethod
    def of(cls, url: str) -> Address:
        """The address that READINESS_URL gives. AddressError if it is none that can be served safely."""
        url = url.rstrip("/")
        if url and (urlsplit(url).scheme != "https" or not _host(url) or urlsplit(url).path):
            raise AddressError(f"READINESS_URL is “{url}”. It must be the https:// address under which people reach the program, without a path: "
                               "a session may not go over the network in the clear.")
        return cls(url)

    @property
    def is_public(self) -> bool:
        """Whether others than this computer reach the program."""
        return bool(self.url)

    def cookie(self, name: str) -> str:
        """The whole name of a cookie for all of the program. Under TLS the browser itself keeps it to this host by its name."""
        return cookie(name, is_safe=self.is_public)

    def is_own_host(self, host: str) -> bool:
        """Whether a request's Host names this program, so that no other name leads here."""
        name = _host(f"//{host}")
        return bool(name) and (name in _LOCAL_HOSTS if not self.is_public else name == _host(self.url))

    def is_here(self, client: str, headers: list[tuple[bytes, bytes]], host: str) -> bool:
        """Whether a program on this computer asks, by one of the computer's own names."""
        return is_here(client, headers) and _host(f"//{host}") in _LOCAL_HOSTS

    def is_own_origin(self, origin: str, host: str) -> bool:
        """Whether a page of this program made a request: its Origin is the public address, or on loopback that of its Host."""
        own = self.url if self.is_public else f"http://{host}"
        return _origin(origin) == _origin(own) is not None


def check_served(address: Address, listens_on: str, *, has_accounts: bool, proxies: str = "") -> None:
    """AddressError where others could reach the program that may not: without accounts, without TLS, or past the `proxies`."""
    if address.is_public and not has_accounts:
        raise AddressError("READINESS_URL is set, so others are to reach the program, but nobody has an account yet. Make the first one: "
                           "python -m loaders account make NAME --role administrator …; then start again.")
    if not _is_loopback(listens_on) and not address.is_public:
        raise AddressError(f"The program was asked to listen on {listens_on or 'every address'}, where others can reach it. Make an account "
                           "(python -m loaders account make …), set READINESS_URL to its https:// address, and start again; or leave it on 127.0.0.1.")
    if not _is_loopback(listens_on) and proxies in ("", "*"):
        raise AddressError(f"The program was asked to listen on {listens_on or 'every address'}, but no proxy in front of it is named. Set "
                           "FORWARDED_ALLOW_IPS to the proxy's own address, so that nobody else can tell the program who calls; or leave it on 127.0.0.1.")


def cookie(name: str, *, is_safe: bool) -> str:
    """The whole name of a cookie for all of the program, under TLS or, where only this computer asks, in the clear."""
    return f"__Host-{name}" if is_safe else name


def is_here(client: str, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a request comes from this computer itself, and not through a proxy on it from elsewhere."""
    return _is_loopback(client) and not any(name in _FORWARDED for name, _ in headers)


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80)

"""The organisation's own sign-in (OpenID Connect): where it is, and what its claims give somebody here. Read from a TOML file.

```
name = "The commission's directory"         # on the button of the sign-in page
issuer = "https://login.example.org/realms/ecp"
client_id = "readiness"
client_secret_file = "/etc/readiness/secret"  # a public client has none
scopes = ["openid", "profile", "groups"]      # what is asked for; these are the default, without groups

[[grant]]                                     # the first that fits counts
claim = "groups"                              # a.b is b within a
value = "readiness-commission"
role = "commission"

[[grant]]
claim = "groups"
value = "readiness-submit-{place}"            # {place} is a code; of a list, all that fit are taken
role = "district"
domains = ["repairs", "training"]             # all, if it is not given
```
`sees` and `submits` are lists of codes, [] for none; where they are not given and the value has a {place}, they are that.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from data.accounts import ROLES, Account
from data.election import Election

_KEYS = {"name", "issuer", "client_id"}
_MORE = {"client_secret_file", "scopes", "login_claim", "name_claim", "grant"}
_GRANT, _GRANT_MORE = {"claim", "value", "role"}, {"sees", "submits", "domains"}
_PLACE = "{place}"


class ProviderError(Exception):
    """The file can't be used; the message says what stands where and what is expected."""


@dataclass(frozen=True)
class Grant:
    """What somebody gets of whom a claim says something."""

    claim: tuple[str, ...]
    value: str
    role: str
    sees: tuple[str, ...] | None  # None: the places of the value
    submits: tuple[str, ...] | None
    domains: tuple[str, ...]


@dataclass(frozen=True)
class Provider:
    """An organisation's provider, as this program is known to it."""

    name: str
    issuer: str  # without a slash at its end
    client_id: str
    client_secret: str | None = field(repr=False)
    scopes: tuple[str, ...]
    login_claim: str
    name_claim: str
    grants: tuple[Grant, ...]

    def account_of(self, claims: Mapping[str, Any]) -> Account | None:
        """The account that the claims about somebody give, without an id; None where they give none."""
        for grant in self.grants:
            if (places := _fits(grant, claims)) is not None:
                subject, login = str(claims["sub"]), claims.get(self.login_claim)
                name = claims.get(self.name_claim)
                login = _login(login if isinstance(login, str) else subject)
                role, found = ROLES[grant.role], tuple(sorted(places))
                sees, submits = (found if codes is None else codes for codes in (grant.sees, grant.submits))
                return Account("", login, " ".join(name.split())[:80] if isinstance(name, str) and name.strip() else login, grant.role, sees,
                               submits if role.submits != "none" else (), grant.domains, issuer=self.issuer, subject=subject)
        return None


def load(path: Path, election: Election) -> Provider:
    """The provider of a file. ProviderError for a mistake in it."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProviderError(f"{path} can't be read: {(error.strerror or str(error)).lower()}. READINESS_OIDC is its path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProviderError(f"{path} can't be read: it is not TOML: {error}.") from None
    if mistake := _mistake(told, election):
        raise ProviderError(f"{path}: {mistake}.")
    domains = tuple(domain.name for domain in election.domains)
    grants = tuple(Grant(tuple(grant["claim"].split(".")), grant["value"], grant["role"], *(tuple(grant[key]) if key in grant else None for key in ("sees", "submits")),
                         tuple(grant.get("domains", domains))) for grant in told["grant"])
    provider = Provider(told["name"], told["issuer"].rstrip("/"), told["client_id"], None, tuple(told.get("scopes", ("openid", "profile"))),
                        told.get("login_claim", "preferred_username"), told.get("name_claim", "name"), grants)
    if (file := told.get("client_secret_file")) is None:
        return provider
    try:
        return replace(provider, client_secret=(path.parent / file).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        raise ProviderError(f"{path}: client_secret_file: {file} can't be read") from None


def _fits(grant: Grant, claims: Mapping[str, Any]) -> set[str] | None:
    """The places that a grant finds in claims, none where it names none; None where it does not fit."""
    told: Any = claims
    for part in grant.claim:
        told = told.get(part) if isinstance(told, Mapping) else None
    before, has_place, after = grant.value.partition(_PLACE)
    values = [one for one in (told if isinstance(told, list) else [told]) if isinstance(one, str)]
    if not has_place:
        return set() if grant.value in values else None
    return {one[len(before):len(one) - len(after)] for one in values if len(one) > len(before) + len(after) and one.startswith(before) and one.endswith(after)} or None


def _login(told: str) -> str:
    """What is told, in the letters of a sign-in name."""
    found = re.sub(r"[^a-z0-9._@-]", "-", told.lower()).lstrip("._@-")[:60]
    return found if len(found) >= 2 else f"account-{found}"


def _mistake(told: Mapping[str, Any], election: Election) -> str | None:
    """The first thing that is wrong with the file, as its key and what is expected there."""
    for key in sorted(_KEYS - told.keys()):
        return f"{key} is missing; expected is text in quotes"
    for key in sorted(told.keys() - _KEYS - _MORE):
        return f"{key} is not a key of this file; expected are {', '.join(sorted(_KEYS | _MORE))}"
    for key in sorted((_KEYS | {"client_secret_file", "login_claim", "name_claim"}) & told.keys()):
        if not isinstance(told[key], str) or not told[key].strip():
            return f"{key}: {told[key]!r} stands there; expected is text in quotes"
    if not _is_safe(told["issuer"]):
        return f"issuer: {told['issuer']} stands there; expected is an https:// address without ? and #"
    scopes = told.get("scopes", ["openid"])
    if not _is_texts(scopes) or "openid" not in scopes:
        return "scopes: expected is a list of texts, openid among them"
    grants = told.get("grant")
    if not isinstance(grants, list) or not grants or not all(isinstance(grant, dict) for grant in grants):
        return "grant is missing; expected is at least one [[grant]], which says who gets which role"
    return next((mistake for number, grant in enumerate(grants, 1) if (mistake := _grant_mistake(f"grant {number}", grant, election))), None)


def _grant_mistake(where: str, grant: Mapping[str, Any], election: Election) -> str | None:
    for key in sorted(_GRANT - grant.keys()):
        return f"{where}: {key} is missing; expected is text in quotes"
    for key in sorted(grant.keys() - _GRANT - _GRANT_MORE):
        return f"{where}: {key} is not a key of a grant; expected are {', '.join(sorted(_GRANT | _GRANT_MORE))}"
    for key in sorted(_GRANT):
        if not isinstance(grant[key], str) or not grant[key].strip():
            return f"{where}: {key}: {grant[key]!r} stands there; expected is text in quotes"
    for key in sorted(_GRANT_MORE & grant.keys()):
        if not _is_texts(grant[key]) and not (key in ("sees", "submits") and grant[key] == []):
            return f"{where}: {key}: expected is a list of texts"
    role, domains = ROLES.get(grant["role"]), [domain.name for domain in election.domains]
    if role is None:
        return f"{where}: role: there is no role {grant['role']}; expected is one of {', '.join(ROLES)}"
    for code in (*grant.get("sees", ()), *grant.get("submits", ())):
        if code not in election.places:
            return f"{where}: there is no place {code}; expected are codes such as {election.places.country.code}"
    for name in grant.get("domains", ()):
        if name not in domains:
            return f"{where}: there is no domain {name}; expected are {', '.join(domains)}"
    if grant["value"].count(_PLACE) > 1:
        return f"{where}: value: expected is {_PLACE} once at most"
    has_places = _PLACE in grant["value"]
    may_submit_alone = role.submits == "any" and (grant.get("submits") or (has_places and "submits" not in grant))
    if not role.administers and role.sees != "country" and not (grant.get("sees") or (has_places and "sees" not in grant)) and not may_submit_alone:
        return f"{where}: the role {role.name} needs places; expected is sees = [\"{election.places.provinces[0].code}\"], or a value with {_PLACE}"
    return None


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) and one.strip() for one in value)


def _is_safe(issuer: str) -> bool:
    """Whether nobody on the way can read or change what the issuer says."""
    try:
        parts = urlsplit(issuer)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.query or parts.fragment or parts.username:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and (host == "localhost" or _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

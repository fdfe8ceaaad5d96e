"""The command line: `python -m loaders COMMAND`. Exit 0 done, 1 problems in a file, 2 wrong use or an unreadable file."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from data import accounts, backups, digests, readiness
from data.accounts import ROLES, Account, AccountError
from data.database import Embedded, StoreError, database, usual
from data.declare import Domain
from data.domains import DOMAINS
from data.election import Election, ElectionError, load as load_election
from data.places import Places
from data.scope import Scope
from data.store import Store
from loaders import outcome
from loaders.answers import Answers
from loaders.door import Terminal, Elsewhere, opened, pass_on
from loaders.limits import LIMITS, MB
from loaders.problems import LoadError
from loaders.submissions import reference, restore, withdraw
from loaders.templates import filled, template

ROOT = Path(__file__).resolve().parent.parent
DONE, PROBLEMS, WRONG = 0, 1, 2
_MOST_SHOWN = 20  # problems of a kind
_EXIT_OF = {"good": DONE, "loaded": DONE, "held": DONE, "refused": PROBLEMS, "unreadable": WRONG}


class Above(NamedTuple):
    """What lies above and is handed in: who makes a paper, `make` of pages/papers/forms.py, and who sends digests, `send` of
    pages/alerting/sending.py."""

    paper: Callable[..., bytes]
    digests: Callable[[Store, date, Callable[[str], None]], bool]


class UseError(Exception):
    """The command was given something that it can't do; the message is a sentence that says what."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        raise UseError(f"{message[0].upper()}{message[1:]}. Try --help.")


def main(arguments: Sequence[str] | None = None, domains: Sequence[Domain] = DOMAINS, above: Above | None = None) -> int:
    """Runs one command, given at this terminal, and returns its exit code. With what lies `above` there are commands for papers and alerts."""
    try:
        code = answer(sys.argv[1:] if arguments is None else list(arguments), _terminal(), domains, above)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read along has seen enough, as `head` has. What Python still holds must not be written at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def answer(arguments: Sequence[str], terminal: Terminal, domains: Sequence[Domain] = DOMAINS, above: Above | None = None) -> int:
    """Runs one command for whoever gives it at that terminal, and returns its exit code. What goes wrong is said there."""
    try:
        return _run(arguments, terminal, domains, above)
    except BrokenPipeError:
        raise
    except UseError as error:
        return _failed(arguments, terminal, "use", str(error))
    except ElectionError as error:
        return _failed(arguments, terminal, "election", str(error))
    except StoreError as error:
        return _failed(arguments, terminal, "store", str(error))
    except LoadError as error:
        return _failed(arguments, terminal, error.kind, error.message)
    except OSError as error:
        return _failed(arguments, terminal, "files", f"{error.filename or 'A file'} can't be used: {error.strerror or error}.")


def _run(arguments: Sequence[str], terminal: Terminal, domains: Sequence[Domain], above: Above | None) -> int:
    """Runs the command here, or has it run by the process that the database belongs to."""
    if terminal.store is not None:
        asked = _parser(terminal.store.election.domains, above).parse_args(arguments)
        if not asked.uses_store:
            raise UseError("This command needs no database and is run where it was given.")
        return asked.run(asked, terminal.store.election, terminal)
    asked = _parser(domains, above).parse_args(arguments)
    election = load_election(asked.election, domains)
    try:
        return asked.run(asked, election, terminal)
    except Elsewhere as owner:
        return pass_on(owner.line, arguments, terminal, election)


def _failed(arguments: Sequence[str], terminal: Terminal, kind: str, message: str) -> int:
    if _wants_json(arguments):
        terminal.print(_json({"error": {"kind": kind, "message": message}}))
    else:
        terminal.say(message)
    return WRONG


def _wants_json(arguments: Sequence[str]) -> bool:
    """Whether JSON was asked for, as far as arguments that may be wrong can tell."""
    return "--json" in arguments or "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def _parser(domains: Sequence[Domain], above: Above | None) -> argparse.ArgumentParser:
    names = [domain.name for domain in domains]
    parser = _Parser(
        prog=f"python -m {'loaders' if above is None else 'data'}", description="Spreadsheets of readiness in, figures out. Each command explains itself with --help.",
        epilog="Exit code: 0 done, 1 problems in a file (nothing of it is stored), 2 wrong use or an unreadable file.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    add = _adder(commands)
    one = add("template", _template, "Write a workbook to fill in: a sheet with the districts, its instructions, its choices.")
    one.add_argument("domain", choices=names, metavar="DOMAIN", help=f"one of {', '.join(names)}")
    one.add_argument("--place", metavar="CODE", help="only the districts of this province, division or district (default: the country)")
    one.add_argument("--filled", action="store_true", help="with today's rows, to correct and hand in again")
    one.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.xlsx", help="where to write it; what stands there is kept beside it")

    for name, run, words in (
        ("check", _check, "Say everything that is wrong in spreadsheets. Stores nothing."),
        ("load", _load, "Check spreadsheets and store those without blocking problems. Each file goes in as a whole, with all of its tables, or not at all."),
    ):
        one = add(name, run, words)
        one.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".xlsx, .xls, .xlsb, .ods or .csv")
        one.add_argument("--domain", choices=names, help="what the files are about (default: told by their headings)")
        one.add_argument("--as-of", type=_day, metavar="DATE",
                         help="the day for which they hold, 2026-11-26 or 26/11/2026 (default: as the sheet says)")
        _add_sender(one)
        _add_json(one)

    one = add("watch", _watch, "Take in what is put into a folder, and answer beside it: accepted/ with a receipt, returned/ with the reasons.",
              "A file is taken once two looks find it unchanged. It is loaded as `load` does, by the running dashboard where there is one, and moved to "
              "FOLDER/accepted with its receipt, or to FOLDER/returned with the reasons and the workbook with its cells marked. What can't be taken just now "
              "stays where it is and is tried again. Ctrl+C ends it after the file in hand. Exit code of --once: 0 all was accepted, 1 something was "
              "returned, 2 something was left.")
    one.set_defaults(uses_store=False)
    one.add_argument("folder", type=Path, metavar="FOLDER", help="where spreadsheets are put")
    one.add_argument("--once", action="store_true", help="take in what is there and end, as for cron")
    one.add_argument("--every", type=_seconds, metavar="SECONDS", default=5.0, help="between two looks (default: 5)")
    _add_sender(one)

    one = add("withdraw", _withdraw, "Take a submission back. What stood before it stands again; the history keeps both.")
    one.add_argument("submission", metavar="SUBMISSION", help="its reference or id, as `history` shows it")
    one.add_argument("--reason", required=True, metavar="TEXT", help="why; it stays in the history")
    _add_sender(one)
    _add_json(one)

    one = add("restore", _restore, "Take a withdrawn submission into the picture again, where it stood.")
    one.add_argument("submission", metavar="SUBMISSION", help="its reference or id, as `history` shows it")
    one.add_argument("--reason", required=True, metavar="TEXT", help="why; it stays in the history")
    _add_sender(one)
    _add_json(one)

    one = add("history", _history, "List all submissions, newest first, withdrawn ones too.")
    one.add_argument("--domain", choices=names, help="only those of this domain")
    one.add_argument("--file", type=Path, metavar="FILE", help="only those of this very file, whatever its name was")
    _add_json(one)

    one = add("figures", _figures, "Print the figures of every place: done, required, share, expected, status.")
    one.add_argument("--level", required=True, choices=["national", "province", "district"],
                     help="the figures of the country, of each province or of each district")
    one.add_argument("--domain", choices=names, help="only those of this domain")
    one.add_argument("--as-of", type=_day, metavar="DATE", help="as things stood on that day (default: today)")
    one.add_argument("--known-on", type=_time, metavar="TIME", help="as it was known at that time, such as 2026-11-26T18:00 (UTC)")
    one.add_argument("--format", choices=["csv", "json"], default="csv", help="default: csv")

    if above is not None:
        one = add("paper", partial(_paper, above.paper), "Write the paper for a meeting: where a place stands, what will be late, who must act, what changed.",
                  "The figures are those of the pages on that day. A document has two pages for a province; slides are six; a workbook has a sheet for each domain.")
        one.add_argument("--place", metavar="CODE", help="the province, district or country that it is about (default: the country)")
        one.add_argument("--as-of", type=_day, metavar="DATE", help="as things stood on that day (default: today)")
        one.add_argument("--since", type=_day, metavar="DATE", help="what changed is told since that day (default: the place's last meeting, else a week before)")
        one.add_argument("--format", choices=["pdf", "pptx", "xlsx"], default="pdf", help="document, slides or workbook (default: pdf)")
        one.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="where to write it; what stands there is kept beside it")

        one = add("alerts", partial(_alerts, above.digests), "Say where the daily digests of alerts go, and send those of today: for cron.",
                  "subscribe says where an account's digest goes; send sends to each what it has not acknowledged, at most once a day, and tries again what surely did "
                  "not arrive. Letters go through the mail server that the file of READINESS_SMTP names. Exit code of send: 1 where something is to be tried again.")
        one.add_argument("what", choices=["list", "subscribe", "send"])
        one.add_argument("login", nargs="?", metavar="LOGIN", help="whose digest (subscribe)")
        one.add_argument("--mail", metavar="ADDRESS", help="to that e-mail address; '' for no more")
        one.add_argument("--webhook", metavar="URL", help="to that address, as JSON; '' for no more")
        _add_sender(one)

    one = add("boundaries", _boundaries, "Install an official boundary file of the districts, for the map.")
    one.set_defaults(uses_store=False)
    one.add_argument("file", type=Path, metavar="FILE.geojson", help="a FeatureCollection; each feature bears a district's code or name")
    _add_json(one)

    one = add("account", _account, "Make and change the accounts with which people sign in; without any, the dashboard is this computer's own.",
              "make and change take what the role needs; link gives an account a new one-time link to choose its password; disable ends its sessions at once. "
              f"The roles are {', '.join(ROLES)}.")
    one.add_argument("what", choices=["list", "make", "change", "link", "disable", "enable"])
    one.add_argument("login", nargs="?", metavar="LOGIN", help="the name that is typed to sign in (all but list)")
    one.add_argument("--name", metavar="NAME", help="the person's or office's name, as it stands beside what is done")
    one.add_argument("--role", choices=list(ROLES), help="what the account is for")
    one.add_argument("--sees", nargs="*", metavar="CODE", help="the places that it sees")
    one.add_argument("--submits", nargs="*", metavar="CODE", help="the places that it submits for, which need not be those that it sees")
    one.add_argument("--domains", nargs="*", metavar="DOMAIN", choices=names, help="the domains that it submits (default: all)")
    one.add_argument("--forget-codes", action="store_true", help="with link: the owner has lost the telephone, so the link forgets its codes")
    _add_sender(one)
    _add_json(one)

    one = add("backup", _backup, "Take a backup of everything, verified, into the folder READINESS_BACKUPS: also while people work.",
              "The folder is one of this computer; have it copied elsewhere. python -m data restore puts a backup in place, python -m data verify reads it through.")
    one.add_argument("--keep", type=_count, metavar="N", help="then remove all but the newest N backups (default: all are kept)")
    _add_sender(one)

    one = add("compact", _compact, "Write a shared database's many small files into few, and forget its internal snapshots; an embedded one tidies itself up.",
              "Nothing that was submitted is lost. Once a night is enough.")
    one.add_argument("--keep-days", type=_count, default=7, metavar="N", help="for so many days the database itself can be asked how it was (default: 7)")

    one = add("example", _example, "Load the example election, or clear it away.")
    one.add_argument("what", choices=["load", "clear"])
    one.add_argument("--yes", action="store_true", help="clear without asking")
    one.add_argument("--if-new", action="store_true", help="load only into a database in which nothing has been done yet")
    return parser


def _adder(commands: Any) -> Callable[..., argparse.ArgumentParser]:
    def add(name: str, run: Callable[[argparse.Namespace, Election, Terminal], int], words: str, more: str = "") -> argparse.ArgumentParser:
        parser = commands.add_parser(name, help=words, description=words, epilog=more)
        parser.set_defaults(run=run, uses_store=True)
        election = os.environ.get("READINESS_ELECTION") or ROOT / "data/election.toml"
        parser.add_argument("--database", type=database, metavar="DATABASE", default=usual(),
                            help="the database, a file or ducklake:postgres:… (default: READINESS_DB, or data/readiness.duckdb)")
        parser.add_argument("--election", type=Path, metavar="FILE", default=Path(election),
                            help="the election's file (default: READINESS_ELECTION, or data/election.toml)")
        return parser
    return add


def _add_sender(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", metavar="NAME", default=None, help="who hands it in (default: READINESS_SENDER, or the login name)")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it as 2026-11-26 or 26/11/2026")


def _time(text: str) -> datetime:
    """A time in UTC without a zone, as times are stored."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write it as 2026-11-26T18:00") from None
    return told.astimezone(UTC).replace(tzinfo=None) if told.tzinfo else told


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 10,000")
    return int(text)


def _seconds(text: str) -> float:
    try:
        told = float(text)
    except ValueError:
        told = 0.0
    if not 0.1 <= told <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.1 to a day; write it as 5")
    return told


def _template(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    domain, places = election.domain(asked.domain), election.places
    place = _place(places, asked.place)
    if asked.filled:
        with _opened_existing(asked, election, terminal) as store:
            everything = Scope.everything(places)
            content = filled(store, everything, domain, places, place=place, on=store.today)
            if readiness.rows(store, everything, domain.name, place=place, on=store.today, most=1).empty:
                terminal.say(f"Nothing has been reported for {places[place].name}: the template is blank.")
    else:
        content = template(domain, places, place=place)
    terminal.write(asked.output, content)
    terminal.say(f"Written: {asked.output}")
    return DONE


def _place(places: Places, text: str | None) -> str:
    """The code of the place that is asked for, by code or by name."""
    if text is None:
        return places.country.code
    if text in places:
        return text
    code = places.resolve(text).code or places.resolve_place(text)
    if code is None:
        raise UseError(f"{text!r} is not a place of this election. Give a code, such as {places.provinces[0].code}, or a name.")
    return code


def _check(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    if _has_no_database(asked, terminal):
        terminal.say(f"There is no database at {asked.database} yet: nothing that stands there could be compared.")
    with _opened(asked, election, terminal, stores=False) as store:
        return _tell([one for file in asked.files for one in _one(asked, store, terminal, file, stores=False)], terminal, as_json=asked.json)


def _load(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    with _opened(asked, election, terminal) as store:
        return _tell([one for file in asked.files for one in _one(asked, store, terminal, file, stores=True)], terminal, as_json=asked.json)


def _one(asked: argparse.Namespace, store: Store, terminal: Terminal, file: Path, *, stores: bool) -> list[dict[str, Any]]:
    """What became of each table of one file; of the file itself where it can't be read."""
    step = _steps(file.name, terminal)
    try:
        tables = outcome.hand_in(store, file.name, terminal.content(file), sender=_sender(asked, terminal),
                                 answers=Answers(domain=asked.domain or "", as_of=asked.as_of), stores=stores, progress=step)
    except (LoadError, StoreError) as error:
        return outcome.unreadable(str(file), error)
    return outcome.tables_of(str(file), tables, stores=stores)


def _steps(name: str, terminal: Terminal) -> Callable[[str], None]:
    """Says on a terminal, in one line, what is being done with a file; elsewhere only that it has begun."""
    if not terminal.is_terminal:
        terminal.say(f"{name} …")
        return lambda step: None
    return lambda step: terminal.step(f"{name}: {step.lower()} …".ljust(60))


def _sender(asked: argparse.Namespace, terminal: Terminal) -> str:
    sender = asked.by or terminal.sender
    if not sender:
        raise UseError("This computer does not say who you are. Name the sender with --by")
    return sender


def _tell(files: Sequence[dict[str, Any]], terminal: Terminal, *, as_json: bool) -> int:
    """Prints what became of the files; the exit code of the worst."""
    if as_json:
        terminal.print(_json({"files": files}))
    else:
        terminal.print("\n\n".join("\n".join(_in_words(one)) for one in files))
        if len(files) > 1:
            terminal.print("\n" + "\n".join(_aligned([(one["state"], one["reference"] or "", one["file"]) for one in files])))
    return max(_EXIT_OF[one["state"]] for one in files)


def _in_words(one: dict[str, Any]) -> Iterator[str]:
    said = {
        "good": "no problem that blocks it", "loaded": f"loaded as {one['reference']}",
        "held": f"held already by {one['reference']}: nothing was stored",
        "refused": "not taken, nothing was stored", "unreadable": "can't be taken"}
    yield f"{one['file']}: {said[one['state']]}"
    if one["error"]:
        yield f"  {one['error']['message']}"
        return
    yield f"  {one['domain']} in “{one['sheet']}”, as of {one['as_of'] or 'no date'}: {_counted(one['rows'], 'row')}, {_counted(one['districts'], 'district')}"
    if one["replaced_by"]:
        yield f"  Since then {', '.join(one['replaced_by'])} stands in its place, in part or whole. If this file is right, withdraw that one."
    if one["state"] == "held":
        return
    if one["state"] == "refused" and not any(found["blocks"] for found in one["problems"]):
        yield "  Another table of the file has to be corrected first."
    for blocks, title in ((True, "to correct"), (False, "to look at; these don't block")):
        problems = [found for found in one["problems"] if found["blocks"] is blocks]
        if problems:
            yield f"\n  {len(problems):,} {title}"
            yield from _problems_in_words(problems)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _problems_in_words(problems: Sequence[dict[str, Any]]) -> Iterator[str]:
    kinds: dict[str, list[dict[str, Any]]] = {}
    for one in problems:
        kinds.setdefault(one["kind"], []).append(one)
    for kind, found in kinds.items():
        yield from (f"    {one['message']}" for one in found[:_MOST_SHOWN])
        if len(found) > _MOST_SHOWN:
            yield f"    … and {len(found) - _MOST_SHOWN:,} more of this kind ({kind})"


def _watch(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    # What it works with is not there on every system, and this command alone needs it.
    from loaders.watch import watch

    if not asked.folder.is_dir():
        raise UseError(f"There is no folder {asked.folder}. Make it, or check its name.")
    if asked.folder.resolve() in (asked.database.folder, asked.election.resolve().parent):
        raise UseError(f"{asked.folder} holds the program's own files. Watch a folder of its own.")
    _make_sure_of_database(asked, election, terminal)
    if not asked.once:
        terminal.say(f"Watching {asked.folder}. Ctrl+C ends it.")
    options = [f"--database={asked.database.address}", f"--election={asked.election}"]
    done = watch(asked.folder, partial(answer, domains=election.domains), options, replace(terminal, sender=_sender(asked, terminal)),
                 every=asked.every, once=asked.once)
    if asked.once and done.total():
        terminal.print(f"{done['accepted']:,} accepted, {done['returned']:,} returned, {done['left']:,} left")
    return DONE if not asked.once else WRONG if done["left"] else PROBLEMS if done["returned"] else DONE


def _make_sure_of_database(asked: argparse.Namespace, election: Election, terminal: Terminal) -> None:
    """Makes the database if there is none; StoreError if it can't be used. Where its owner answers there is one."""
    try:
        with _opened(asked, election, terminal):
            return
    except Elsewhere as owner:
        owner.line.close()


def _withdraw(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    return _undo(asked, election, terminal, withdraw, "withdrawn", "{} is withdrawn. What stood before it, if anything did, stands again.")


def _restore(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    return _undo(asked, election, terminal, restore, "restored", "{} counts again where it stood.")


def _undo(asked: argparse.Namespace, election: Election, terminal: Terminal, do: Callable[..., str], state: str, said: str) -> int:
    by, reason = _sender(asked, terminal), asked.reason.strip()
    if not reason:
        raise UseError("Give a reason: it stays in the history.")
    with _opened_existing(asked, election, terminal) as store:
        try:
            submission = do(store, asked.submission, by=by, reason=reason)
        except LookupError as error:
            raise UseError(str(error)) from None
    if asked.json:
        terminal.print(_json({"submission": submission, "reference": reference(submission), "state": state, "by": by, "reason": reason}))
    else:
        terminal.print(said.format(reference(submission)))
    return DONE


def _history(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    with _opened_existing(asked, election, terminal) as store:
        listed = outcome.history(store, Scope.everything(election.places), domain=asked.domain,
                                 sha256=sha256(terminal.content(asked.file)).hexdigest() if asked.file else None)
    if asked.json:
        terminal.print(_json(listed))
    elif not listed:
        terminal.say("No submission yet.")
    else:
        terminal.print("\n".join(_aligned([_HISTORY, *(_history_line(one) for one in listed)])))
    return DONE


_HISTORY = ("reference", "domain", "as of", "sender", "file", "rows", "districts", "warnings", "state", "reason")


def _history_line(one: dict[str, Any]) -> tuple[str, ...]:
    return (one["reference"], one["domain"], one["as_of"], one["sender"], one["file_name"], f"{one['row_count']:,}",
            f"{one['districts']:,}", f"{one['warnings']:,}", one["state"], one["reason"])


def _figures(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    with _opened_existing(asked, election, terminal) as store:
        found = outcome.figures(store, Scope.everything(election.places), asked.level, as_of=asked.as_of, domain=asked.domain, known_on=asked.known_on)
    terminal.print(_json(outcome.plain(found)) if asked.format == "json" else outcome.csv_of(found).removesuffix("\n"))
    return DONE


def _paper(make: Callable[..., bytes], asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    place = _place(election.places, asked.place)
    with _opened_existing(asked, election, terminal) as store:
        try:
            content = make(store, Scope.everything(election.places), place, asked.as_of or store.today, asked.format, since=asked.since)
        except ValueError as error:
            raise UseError(str(error)) from None
    terminal.write(asked.output, content)
    terminal.say(f"Written: {asked.output}")
    return DONE


def _alerts(send: Callable[[Store, date, Callable[[str], None]], bool], asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    with _opened_existing(asked, election, terminal) as store:
        if asked.what == "send":
            if asked.login or asked.mail is not None or asked.webhook is not None:
                raise UseError("send sends everybody's digests; it takes no account and no address.")
            return DONE if send(store, store.today, terminal.print) else PROBLEMS
        if asked.what == "subscribe":
            _subscribe(asked, store, _sender(asked, terminal))
        states = {(account, channel): state for account, channel, state, _, _ in digests.states(store, store.today)}
        for one in digests.subscriptions(store):
            terminal.print(f"{one.account.login}: {one.channel} {one.where}, today {states.get((one.account.id, one.channel), 'not sent')}")
    return DONE


def _subscribe(asked: argparse.Namespace, store: Store, by: str) -> None:
    found = next((one for one in accounts.accounts(store) if one.login == (asked.login or "").lower()), None)
    if found is None or (asked.mail is None and asked.webhook is None):
        raise UseError("Name an account by its sign-in name, and --mail ADDRESS or --webhook URL.")
    try:
        for channel, address in (("mail", asked.mail), ("webhook", asked.webhook)):
            if address is not None:
                digests.subscribe(store, found, channel, address, by=by)
    except AccountError as error:
        raise UseError(str(error)) from None


def _boundaries(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    # Shapely takes a while to come, and this command alone needs it.
    from loaders.boundaries import install

    report = install(asked.file, election.places, ROOT / "data/boundaries")
    if asked.json:
        terminal.print(_json({**vars(report), "path": str(report.path)}))
        return DONE
    districts = f"{len(report.matched)} of {len(election.places.districts)} districts"
    terminal.print(f"Installed: {districts}, {report.size // 1000:,} kB, in {report.path}")
    for title, names in (("Districts without an outline", report.missing), ("Not recognised in the file", report.unmatched)):
        if names:
            terminal.print(f"{title} ({len(names)}): {', '.join(names)}")
    return DONE


def _account(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    if (asked.login is None) is not (asked.what == "list"):
        raise UseError("Name the account by its sign-in name." if asked.login is None else "`account list` lists all of them.")
    with _opened(asked, election, terminal, stores=asked.what != "list") as store:
        if asked.what == "list":
            told = [_told_of(one) for one in accounts.accounts(store)]
        else:
            found, secret = _changed_account(asked, store, _sender(asked, terminal))
            link = f"{os.environ.get('READINESS_URL', 'http://127.0.0.1:8501').rstrip('/')}/welcome?code={secret}" if secret else ""
            told = [_told_of(found)]
    if asked.json:
        terminal.print(_json(told if asked.what == "list" else told[0] | {"link": link}))
    elif not told:
        terminal.say("Nobody has an account: the dashboard is shown on its own computer alone.")
    else:
        terminal.print("\n".join(_aligned([tuple(told[0]), *(tuple(one.values()) for one in told)])))
        if asked.what != "list" and link:
            terminal.print(f"Give its owner this link, with which the password is chosen. It is good once, for three days:\n{link}")
    return DONE


def _changed_account(asked: argparse.Namespace, store: Store, by: str) -> tuple[Account, str]:
    """What the command makes of an account, and the secret of its link where it gives one."""
    domains = tuple(domain.name for domain in store.election.domains)
    found = next((one for one in accounts.accounts(store) if one.login == asked.login.lower()), None)
    try:
        if asked.what == "make":
            if not asked.name or not asked.role:
                raise UseError("An account needs --name and --role.")
            found = accounts.make(store, Account("", asked.login, asked.name, asked.role, tuple(asked.sees or ()), tuple(asked.submits or ()),
                                                 domains if asked.domains is None else tuple(asked.domains)), by=by)
        elif found is None:
            raise UseError(f"There is no account {asked.login}. `account list` lists all of them.")
        elif asked.what != "link":
            given = {name: value for name, value in (("name", asked.name), ("role", asked.role), ("sees", asked.sees), ("submits", asked.submits),
                                                     ("domains", asked.domains)) if value is not None}
            changed = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
            found = accounts.change(store, found, replace(found, **changed, is_disabled={"disable": True, "enable": False}.get(asked.what, found.is_disabled)), by=by)
        return found, accounts.invite(store, found.id, by=by, forgets_second_factor=asked.forget_codes) if asked.what in ("make", "link") else ""
    except AccountError as error:
        raise UseError(str(error)) from None


def _told_of(one: Account) -> dict[str, str]:
    state = "out of use" if one.is_disabled else "in use" if one.has_password or one.issuer else "no password yet"
    return {"login": one.login, "name": one.name, "role": one.role, "sees": " ".join(one.sees) or "-", "submits": " ".join(one.submits) or "-",
            "domains": " ".join(one.domains) or "-", "state": state}


def _example(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    from loaders import example

    with _opened(asked, election, terminal) as store:
        if asked.what == "clear":
            return _clear_example(asked, store, terminal, example.clear)
        if example.is_half_loaded(store):
            example.load(store, progress=_progress_at(terminal))
        elif asked.if_new and (example.was_cleared(store) or store.ask_rows("select 1 from events limit 1", {})):
            return DONE
        elif store.example_day:
            terminal.say("The example election is loaded already: nothing was done.")
        elif not readiness.history(store, Scope.everything(election.places)).empty:
            terminal.say("This database has submissions already: the example is loaded into an empty one only. Nothing was done.")
        else:
            example.load(store, progress=_progress_at(terminal))
    return DONE


def _backup(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    with _opened_existing(asked, election, terminal) as store:
        told = backups.take(store, by=_sender(asked, terminal), progress=lambda step: terminal.step(f"Copying {step}") if terminal.is_terminal else None)
        terminal.say(f"Backed up and verified: {told.rows:,} rows of {len(told.tables)} tables, {told.size / 1e6:,.1f} MB.")
        terminal.print(str(told.file))
        for file in backups.prune(store.database, asked.keep) if asked.keep else ():
            terminal.say(f"Removed, for newer ones are kept: {file.name}")
    return DONE


def _compact(asked: argparse.Namespace, election: Election, terminal: Terminal) -> int:
    with _opened_existing(asked, election, terminal) as store:
        terminal.say(store.compact(timedelta(days=asked.keep_days)))
    return DONE


def _clear_example(asked: argparse.Namespace, store: Store, terminal: Terminal, clear: Callable[[Store], None]) -> int:
    if not store.example_day:
        terminal.say("There is no example election in this database: nothing was done.")
        return DONE
    if not asked.yes and not terminal.can_ask:
        raise UseError("Clearing the example can't be undone. Where nobody can be asked: python -m loaders example clear --yes")
    if not asked.yes and not terminal.confirm("Clear the example election away? This can't be undone. [y/N] "):
        terminal.say("Nothing was done.")
        return DONE
    clear(store)
    terminal.say("The example election is cleared away.")
    return DONE


def _progress_at(terminal: Terminal) -> Callable[[int, int, str], None]:
    def progress(done: int, total: int, words: str) -> None:
        if terminal.is_terminal and done < total:
            terminal.step(f"{words} {done:,} of {total:,}")
        elif done == total or done % max(1, total // 10) == 0:
            terminal.say(f"{words} {done:,} of {total:,}")

    return progress


@contextmanager
def _opened(asked: argparse.Namespace, election: Election, terminal: Terminal, *, stores: bool = True) -> Iterator[Store]:
    """The store. A command that stores nothing does not make a database where there is none: it sees an empty one."""
    if terminal.store is not None:
        yield terminal.store
        return
    store = opened(asked.database if stores or asked.database.exists else Embedded(Path(":memory:")), election)
    try:
        yield store
    finally:
        store.close()


def _opened_existing(asked: argparse.Namespace, election: Election, terminal: Terminal) -> AbstractContextManager[Store]:
    """The store that is there. A name with a slip in it would else answer for a country in which nobody has reported."""
    if _has_no_database(asked, terminal):
        raise UseError(f"There is no database at {asked.database}. Check its name; `load` makes one.")
    return _opened(asked, election, terminal)


def _has_no_database(asked: argparse.Namespace, terminal: Terminal) -> bool:
    return terminal.store is None and not asked.database.exists


def _aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(line[number]) for line in lines) for number in range(len(lines[0]))]
    for line in lines:
        yield "  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip()


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _terminal() -> Terminal:
    """The terminal of a command that was typed here."""
    return Terminal(print=_print, say=_say, step=_step, content=_content, write=_write, confirm=_confirm, sender=_whoever(),
                is_terminal=sys.stderr.isatty(), can_ask=sys.stdin.isatty())


def _print(text: str) -> None:
    print(text, flush=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _step(text: str) -> None:
    print(text, file=sys.stderr, end="\r", flush=True)


def _write(path: Path, content: bytes) -> None:
    _keep(path)
    path.write_bytes(content)


def _keep(path: Path) -> None:
    """Puts a file that stands where another is to be written beside it: it may be a template that somebody has filled in."""
    if path.is_file() and path.stat().st_size:
        names = (path.with_name(f"{path.stem}.before{'' if number == 1 else f'-{number}'}{path.suffix}") for number in count(1))
        kept = path.rename(next(name for name in names if not name.exists()))
        _say(f"What stood there is kept: {kept}")


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LIMITS.bytes:
            raise LoadError("too_large", f"This file is larger than {LIMITS.bytes // MB} MB. "
                                         "Send only the sheet and the columns that are asked for.")
        return file.read_bytes()
    except OSError as error:
        raise LoadError("not_found", f"This file can't be opened: {(error.strerror or str(error)).lower()}.") from None


def _confirm(question: str) -> bool:
    return input(question).strip().lower() in ("y", "yes")


def _whoever() -> str:
    """Who gives commands here, unless one says otherwise; '' where this computer does not know."""
    try:
        return os.environ.get("READINESS_SENDER") or getpass.getuser()
    except (KeyError, OSError):
        return ""


if __name__ == "__main__":
    sys.exit(main())

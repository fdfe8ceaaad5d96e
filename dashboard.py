"""The front door: who may enter, which routes exist, the application that `streamlit run dashboard.py` serves.

A mistake in the election's file, a database that can't be opened, or an address under which others could enter that may not,
is said here, before anything is served. While it is served, the command line is answered by this process, which holds the database, unless
several servers share it.
"""

import asyncio
import ctypes
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount

from data import accounts
from data.database import StoreError
from data.election import ElectionError
from data.provider import ProviderError
from loaders.__main__ import answer
from loaders.door import open_door, patiently
from pages.api.application import application
from pages.api.commands import ABOVE
from pages.api.measures import VERSION, Measured, Measures
from pages.entrance.address import AddressError, check_served
from pages.entrance.guard import API, Guard
from pages.entrance.listening import send_at_once
from pages.entrance.outside import Outside
from pages.entrance.own import Own
from pages.entrance.proof import Proof
from pages.entrance.safety import Safety
from pages.entrance.settings import hold_still
from pages.entrance.shell import Shell
from pages.entrance.signing import Signing
from pages.papers.route import Papers
from pages.parts import errors, session
from pages.taking.files import Files
from pages.taking.route import Tables
from pages.watching import logs

_LOG = logging.getLogger("readiness")
_THREADS = 64
_ARENA_MAX, _ARENAS = -8, 2  # glibc's name for how many pools threads take memory from; it would be eight for each processor


def _keep_little_memory() -> None:
    """Has what is freed be used again or given back: Arrow's own pool would keep the most that there ever was, and each of many pools
    keeps what was freed amid what is still in use, so that in an hour a crowd's server grew by a quarter."""
    pa.set_memory_pool(pa.system_memory_pool())
    system = ctypes.CDLL(None)
    if hasattr(system, "mallopt"):
        system.mallopt(_ARENA_MAX, _ARENAS)


_keep_little_memory()
os.umask(0o077)  # what the database writes beside itself is its user's alone, as the database is
try:
    logs.configure(os.environ.get("READINESS_LOG", ""), sys.stderr)
    store = patiently(session.store)
    address = session.address()
    check_served(address, st.get_option("server.address") or "", has_accounts=accounts.are_there(store), proxies=os.environ.get("FORWARDED_ALLOW_IPS", "").strip())
    provider = session.provider()
    session.keep_policy()
except (AddressError, ElectionError, ProviderError, StoreError, logs.LogsError) as error:
    _LOG.critical("%s", error)
    sys.exit(1)


@asynccontextmanager
async def _served(_: Any) -> AsyncIterator[None]:
    # Whoever writes may wait for a commit, and the guard must not wait behind them for a thread.
    # What was loaded so far stays; a full collection that goes through all of it stops every page for a tenth of a second.
    gc.collect()
    gc.freeze()
    # The rest seldom too: nearly all that pages make is gone without it, and what is kept grows large. But not never: what sessions leave is in
    # circles, and in an hour without it sixty people who come and go left two hundred megabytes.
    gc.set_threshold(20_000, 20, 5)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
    asyncio.get_running_loop().set_exception_handler(logs.in_background)
    send_at_once()
    hold_still()
    with nullcontext() if store.database.is_shared else open_door(store, partial(answer, above=ABOVE)):
        _LOG.info("the dashboard is served", extra={"version": VERSION})
        yield
    _LOG.info("the dashboard ends", extra={"version": VERSION})


measures, proof = Measures(store), Proof(store)
app = st.App(
    "pages/start.py", lifespan=_served, on_script_error=errors.tell, exception_handlers={Exception: errors.answer},
    routes=[*Signing(store, address, proof, provider).routes, *Outside(store, address, provider).routes, *Own(store, address, Safety(store, proof)).routes, *Papers(store).routes, *Tables(store).routes, *Files(store).routes, Mount(API.rstrip("/"), application(store, measures)), *Shell().routes],
    middleware=[Middleware(Measured, measures=measures), Middleware(Guard, store=store, address=address)])

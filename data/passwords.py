"""Passwords: which may be chosen, how they are kept, whether one is right. They are never logged and never leave this file but hashed.

Rules after NIST SP 800-63B: long, not easily guessed, nothing asked of its signs, never to be changed for its age.
"""

from __future__ import annotations

from collections.abc import Iterable

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST, LONGEST = 12, 128
_STRONG_ENOUGH = 3  # of 4: ten thousand million guesses and more
_RATED = 72  # characters: rating takes long for more, and these settle it
_HASH = PasswordHash((Argon2Hasher(),))
_NOBODYS = _HASH.hash("no password of anybody")


def fault(password: str, known: Iterable[str]) -> str | None:
    """Why a password can't be chosen, as a sentence; None for a good one. `known` is what others know of its owner."""
    if len(password) < SHORTEST:
        return f"The password needs at least {SHORTEST} characters. Several words in a row are good."
    if len(password) > LONGEST:
        return f"The password may have {LONGEST} characters at most."
    from zxcvbn import zxcvbn  # with its lists of words: a third of a second, for who chooses a password

    if zxcvbn(password[:_RATED], user_inputs=[word for one in known for word in (one, *one.split()) if word])["score"] < _STRONG_ENOUGH:
        return "This password is easily guessed. Take several words that have nothing to do with each other, with you or with the election."
    return None


def hashed(password: str) -> str:
    """What is kept of a password: its Argon2id hash with a salt of its own."""
    return _HASH.hash(password)


def matches(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Whether a password is the one that was kept, and what is to be kept of it instead where that was hashed by weaker settings than
    today's. Where nothing is kept it takes as long to say no."""
    try:
        is_right, anew = _HASH.verify_and_update(password[:LONGEST + 1], kept or _NOBODYS)
    except UnknownHashError:
        return False, None
    return is_right and kept is not None, anew

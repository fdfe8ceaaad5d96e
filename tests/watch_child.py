"""A watcher that stops for ever at one step, to be killed there: `python watch_child.py STEP ARGUMENT…`. Prints the step when it is there.

Steps: claimed (renamed, nothing asked), noted (what the store holds is known, nothing loaded), stored (committed, nothing written), answered (its answers written, nothing moved), moving (the
answers in their place, the file not yet).
"""

import os
import sys
import time

from loaders import watch
from loaders.__main__ import main


def stop(step: str) -> None:
    print(step, flush=True)
    time.sleep(1000)


def stopping_before(step: str, name: str) -> None:
    work = getattr(watch._Watcher, name)

    def stopped(self, *arguments):
        stop(step)
        return work(self, *arguments)

    setattr(watch._Watcher, name, stopped)


def stopping_before_the_load() -> None:
    run = watch._Watcher._run

    def stopped(self, content, command, *arguments):
        if command == "load":
            stop("noted")
        return run(self, content, command, *arguments)

    watch._Watcher._run = stopped


def stopping_in_a_move() -> None:
    rename = os.rename

    def stopped(source, target):
        if str(target).endswith(".csv") and "accepted" in str(target):
            stop("moving")
        rename(source, target)

    os.rename = stopped


def stopping_at_the_note_of_moves() -> None:
    note = watch._note

    def stopped(claim, told):
        if "moves" in told:
            stop("answered")
        return note(claim, told)

    watch._note = stopped


if __name__ == "__main__":
    {"claimed": lambda: stopping_before("claimed", "_settled"), "noted": stopping_before_the_load, "stored": lambda: stopping_before("stored", "_answered"),
     "answered": stopping_at_the_note_of_moves, "moving": stopping_in_a_move}[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))

"""What the command line has from the pages: it lies below them, and is handed these."""

from __future__ import annotations

from loaders.__main__ import Above
from pages.alerting.sending import send
from pages.papers.forms import make

ABOVE = Above(paper=make, digests=send)

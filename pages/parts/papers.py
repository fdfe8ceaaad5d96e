"""The paper for a meeting, one click away: a document, slides, a workbook."""

from __future__ import annotations

from datetime import date

from data.places import Place
from pages.papers import forms
from pages.parts import marks
from pages.parts.words import say


def papers(place: Place, on: date, since: date | None = None) -> marks.Html:
    """A link to each form of the place's paper of the day, which is made when it is followed."""
    asked = f"?since={since}" if since else ""
    return marks.taken(say("paper.take"), say("paper.take_help", place=place.name),
                       [(say(f"paper.take_{form}"), f"paper/{forms.name_of(place, on, form)}{asked}") for form in forms.MAKERS])

"""What a browser calls itself, in words that its owner knows it by."""

from __future__ import annotations

from pages.parts.words import say

# The first that stands there counts: most browsers call themselves others as well.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
             ("Safari/", "Safari"))
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))


def browser(told: str) -> str:
    """The browser and its system of a User-Agent header; the header as it stands where it names none that is known."""
    name, system = (next((word for sign, word in known if sign in told), "") for known in (_BROWSERS, _SYSTEMS))
    if name and system:
        return say("session.browser", browser=name, system=system)
    return name or told or say("session.no_browser")

"""The domains of readiness, in the order in which they are shown. A new one is one file and one line here."""

from data.declare import Domain
from data.domains import appointments, repairs, security, training

DOMAINS: tuple[Domain, ...] = (
    appointments.DOMAIN,
    repairs.DOMAIN,
    training.DOMAIN,
    security.DOMAIN,
)

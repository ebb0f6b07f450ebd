"""The calls of performance figures: a part of the table in `routes`. They have no version in their path."""

from pmax.simulator.resources import performance
from pmax.simulator.router import Handler, Route

_PERFORMANCE = "/performance"


def _route(verb: str, template: str, handler: Handler) -> Route:
    return Route(verb=verb, template=_PERFORMANCE + template, handler=handler, resource="performance", source="6.20")


PERFORMANCE_ROUTES: tuple[Route, ...] = (
    _route("GET", "/Array/registrationdetails/{symmetrix_id}", performance.get_registration_details),
    _route("GET", "/Array/registration/{symmetrix_id}", performance.get_registration),
    _route("POST", "/Array/register", performance.register),
    _route("GET", "/Array/keys", performance.list_array_keys),
    _route("GET", "/Array/help/{symmetrix_id}/categories", performance.list_categories),
    _route("GET", "/Array/help/{symmetrix_id}/{category}/metrics/{selection}", performance.list_metrics),
    _route("POST", "/{category}/keys", performance.list_keys),
    _route("POST", "/{category}/metrics", performance.list_figures),
    _route("POST", "/realtime/metrics", performance.list_real_time_figures),
)

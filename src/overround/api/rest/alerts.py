"""Alerts: what is open, what was, and taking note of it."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import Path, Query, Request, Response

from overround.api.alert_json import AlertsJson, ChangedAlertsJson, alert_json
from overround.api.answers import answers, reads
from overround.api.audit import is_about
from overround.api.callers import caller
from overround.api.context import context
from overround.api.parameters import Page, PageSize
from overround.api.problems import PROBLEM_RESPONSES, BadRequest, NotFound
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import iso_ms
from overround.domain.alerts import Alert, AlertFilter

router = guarded_router(prefix="/api/alerts", tags=["alerts"])

AlertId = Annotated[str, Path(description="Id of an alert")]
_RESPONSES: dict[int | str, dict[str, Any]] = {status: PROBLEM_RESPONSES[status] for status in (404, 422)}


class Snooze(msgspec.Struct, forbid_unknown_fields=True):
    """For how long."""

    minutes: int | None = None
    until: Literal["kickoff"] | None = None


@router.get("", responses={503: PROBLEM_RESPONSES[503]}, summary="Alerts, newest first")
@needs("viewer")
@answers(AlertsJson)
async def list_alerts(
    request: Request,
    state: Annotated[Literal["open", "all"], Query(description="Whether resolved ones too")] = "open",
    rule: Annotated[str, Query(max_length=40, description="Id of a rule")] = "",
    event: Annotated[str, Query(max_length=40, description="Sportradar id of one event")] = "",
    competition: Annotated[str, Query(max_length=200, description="Slug of a competition")] = "",
    page: Page = 1,
    page_size: PageSize = 50,
) -> Response:
    """
    Return one page of the alerts whose condition holds, or of all that are kept.

    Raises:
        StorageError: All are asked for, and the database can't be read.
    """
    services = context(request).services
    wanted = AlertFilter(state == "open", rule, event, competition)
    found = await services.alerts.page(wanted, page_size, (page - 1) * page_size)
    rows = [alert_json(alert, found.deliveries.get(alert.id, ())) for alert in found.alerts]
    return json(AlertsJson(rows, found.total, page, page_size, iso_ms(services.clock.now())))


@router.post(
    "/{alert_id}/acknowledge", responses={404: PROBLEM_RESPONSES[404]}, summary="Take note of an alert"
)
@needs("operator")
@answers(ChangedAlertsJson)
async def acknowledge(request: Request, alert_id: AlertId) -> Response:
    """
    Acknowledge an open alert and all that is open of the same rule and event; return these.

    Raises:
        NotFound: No alert with this id is open.
    """
    who = caller(request)
    changed = context(request).services.alerts.acknowledge(alert_id, who.name if who else "")
    return _changed(request, alert_id, changed)


@router.post("/{alert_id}/snooze", responses=_RESPONSES, summary="Put an alert off")
@needs("operator")
@reads(Snooze, {"minutes": 15})
@answers(ChangedAlertsJson)
async def snooze(request: Request, alert_id: AlertId) -> Response:
    """
    Put off an alert's rule at its event, for minutes or until kickoff; return what is open of both.

    Raises:
        BadRequest: The body is not like {"minutes": 15} or {"until": "kickoff"}.
        ConfigError: There is no kickoff to wait for, or the time is too long.
        NotFound: No alert with this id is open.
    """
    try:
        body = msgspec.json.decode(await request.body(), type=Snooze)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise BadRequest('the body must be like {"minutes": 15} or {"until": "kickoff"}') from exc
    if (body.minutes is None) == (body.until is None):
        raise BadRequest("say either minutes or until")
    changed = context(request).services.alerts.snooze(alert_id, body.minutes)
    is_about(request, f"{alert_id} {body.until or f'{body.minutes} minutes'}")
    return _changed(request, alert_id, changed)


def _changed(request: Request, alert_id: str, changed: list[Alert] | None) -> Response:
    if changed is None:
        raise NotFound(f"no open alert has the id {alert_id}")
    sent = context(request).services.alerts.deliveries_of
    return json(ChangedAlertsJson([alert_json(alert, sent(alert.id)) for alert in changed]))

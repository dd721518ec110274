"""Alert rules and the channels that they send to."""

from typing import Any

import msgspec
from fastapi import Request, Response

from overround.api.alert_json import channel_json, preview_json, rule_json
from overround.api.audit import is_about
from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES, BadRequest, NotFound
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.domain.alerts import CONDITIONS, RuleSpec, RuleStanding

router = guarded_router(prefix="/api/alerts", tags=["alerts"])

_BODY = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
_WRITING: dict[int | str, dict[str, Any]] = {status: PROBLEM_RESPONSES[status] for status in (404, 422, 503)}
_EXAMPLE = '{"name": "Gaps", "condition": "gap", "threshold": 0.05}'


class NewChannel(msgspec.Struct, forbid_unknown_fields=True):
    """A channel to make."""

    name: str
    url: str


@router.get("/rules", summary="Alert rules, and what each condition means")
@needs("viewer")
async def list_rules(request: Request) -> Response:
    """Return every rule with what it has open and how often it fired in 24 hours, and the table of conditions."""
    standings = await context(request).services.alerts.rules()
    conditions = [
        {"condition": name, **msgspec.structs.asdict(condition)} for name, condition in CONDITIONS.items()
    ]
    return json({"rules": [rule_json(standing) for standing in standings], "conditions": conditions})


@router.post("/rules", responses=_WRITING, openapi_extra=_BODY, summary="Make a rule")
@needs("operator")
async def create_rule(request: Request) -> Response:
    """
    Store a rule; it looks at everything at once, then at what changes.

    Raises:
        BadRequest: The body is no rule.
        ConfigError: A field has a value we can't work with.
        StorageError: It can't be stored.
    """
    spec = _spec(await request.body())
    is_about(request, spec.name)
    rule = await context(request).services.alerts.create_rule(spec)
    return json(rule_json(RuleStanding(rule, 0, 0, 0)), 201)


@router.post(
    "/rules/preview", responses={422: PROBLEM_RESPONSES[422]}, openapi_extra=_BODY, summary="Try a rule"
)
@needs("viewer", audited=False)
async def preview_rule(request: Request) -> Response:
    """
    Return how often a rule would have fired in the last 24 hours, how that is known, and what it would open now.

    Raises:
        BadRequest, ConfigError: As for a rule that is made.
    """
    return json(preview_json(await context(request).services.alerts.preview(_spec(await request.body()))))


@router.put("/rules/{rule_id}", responses=_WRITING, openapi_extra=_BODY, summary="Change a rule")
@needs("operator")
async def replace_rule(request: Request, rule_id: str) -> Response:
    """
    Replace a rule; where it asks for something else now, what it had open is resolved.

    Raises:
        BadRequest, ConfigError, StorageError: As for a rule that is made.
        NotFound: No rule has this id.
    """
    spec = _spec(await request.body())
    is_about(request, f"{rule_id} {spec.name}")
    alerts = context(request).services.alerts
    if await alerts.replace_rule(rule_id, spec) is None:
        raise NotFound(f"no alert rule has the id {rule_id}")
    standing = next(each for each in await alerts.rules() if each.rule.id == rule_id)
    return json(rule_json(standing))


@router.delete("/rules/{rule_id}", responses=_WRITING, summary="Delete a rule")
@needs("operator")
async def delete_rule(request: Request, rule_id: str) -> Response:
    """
    Forget a rule; what it had open is resolved and stays in the history.

    Raises:
        NotFound: No rule has this id.
        StorageError: It can't be deleted.
    """
    if not await context(request).services.alerts.delete_rule(rule_id):
        raise NotFound(f"no alert rule has the id {rule_id}")
    return json({"deleted": rule_id})


@router.get("/channels", summary="Channels, without what is secret in them")
@needs("viewer")
async def list_channels(request: Request) -> Response:
    """Return every channel; of its address only what is no secret."""
    return json(
        {"channels": [channel_json(each) for each in context(request).services.alerts.channel_views()]}
    )


@router.post("/channels", responses=_WRITING, openapi_extra=_BODY, summary="Make a channel")
@needs("admin")
async def create_channel(request: Request) -> Response:
    """
    Store a channel. The secret that signs its webhooks is in this answer and nowhere else.

    Raises:
        BadRequest: The body is not like {"name": "ops", "url": "https://example.org/hook"}.
        ConfigError: The name is taken, or the address is none or may not be reached.
        StorageError: It can't be stored.
    """
    try:
        body = msgspec.json.decode(await request.body(), type=NewChannel)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise BadRequest('the body must be like {"name": "ops", "url": "https://example.org/hook"}') from exc
    is_about(request, body.name)
    channel, secret = await context(request).services.alerts.add_channel(body.name, body.url)
    return json({**msgspec.structs.asdict(channel_json(channel)), "secret": secret or None}, 201)


@router.post("/channels/{name}/test", responses={404: PROBLEM_RESPONSES[404]}, summary="Send a test now")
@needs("operator")
async def test_channel(request: Request, name: str) -> Response:
    """
    Send one message through a channel and return whether it arrived, else why not.

    Raises:
        NotFound: No channel has this name.
    """
    why = await context(request).services.alerts.test_channel(name)
    if why is None:
        raise NotFound(f"no channel is called {name}")
    return json({"ok": not why, "reason": why})


@router.delete("/channels/{name}", responses=_WRITING, summary="Delete a channel")
@needs("admin")
async def delete_channel(request: Request, name: str) -> Response:
    """
    Forget a channel that an admin made; what waits for it is given up.

    Raises:
        NotFound: No channel has this name.
        ConfigError: A rule sends to it, or it comes from the environment.
        StorageError: It can't be deleted.
    """
    if not await context(request).services.alerts.delete_channel(name):
        raise NotFound(f"no channel is called {name}")
    return json({"deleted": name})


def _spec(body: bytes) -> RuleSpec:
    try:
        return msgspec.json.decode(body, type=RuleSpec)
    except msgspec.ValidationError as exc:
        raise BadRequest(f"{exc}; a rule is like {_EXAMPLE}") from exc
    except (msgspec.DecodeError, RecursionError) as exc:
        raise BadRequest(f"the body must be a rule, like {_EXAMPLE}") from exc

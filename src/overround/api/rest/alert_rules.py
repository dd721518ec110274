"""Alert rules and the channels that they send to."""

from typing import Annotated, Any

import msgspec
from fastapi import Path, Request, Response

from overround.api.alert_json import (
    ChannelsJson,
    ConditionJson,
    DeletedJson,
    MadeChannelJson,
    PreviewJson,
    RuleJson,
    RulesJson,
    SentJson,
    channel_json,
    preview_json,
    rule_json,
)
from overround.api.answers import answers, reads
from overround.api.audit import is_about
from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES, BadRequest, NotFound
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.domain.alerts import CONDITIONS, RuleSpec, RuleStanding

router = guarded_router(prefix="/api/alerts", tags=["alerts"])

_WRITING: dict[int | str, dict[str, Any]] = {status: PROBLEM_RESPONSES[status] for status in (404, 422, 503)}
_RULE = {"name": "Gaps", "condition": "gap", "threshold": 0.05}
_EXAMPLE = msgspec.json.encode(_RULE).decode()
_CHANNEL = {"name": "ops", "url": "https://example.org/hook"}
RuleId = Annotated[str, Path(description="Id of a rule")]
ChannelName = Annotated[str, Path(description="Name of a channel")]


class NewChannel(msgspec.Struct, forbid_unknown_fields=True):
    """A channel to make."""

    name: str
    url: str


@router.get("/rules", summary="Alert rules, and what each condition means")
@needs("viewer")
@answers(RulesJson)
async def list_rules(request: Request) -> Response:
    """Return every rule with what it has open and how often it fired in 24 hours, and the table of conditions."""
    standings = await context(request).services.alerts.rules()
    conditions = [
        ConditionJson(condition=name, **msgspec.structs.asdict(spec)) for name, spec in CONDITIONS.items()
    ]
    return json(RulesJson([rule_json(standing) for standing in standings], conditions))


@router.post("/rules", responses=_WRITING, summary="Make a rule")
@needs("operator")
@reads(RuleSpec, _RULE)
@answers(RuleJson, status=201, description="The rule")
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


@router.post("/rules/preview", responses={422: PROBLEM_RESPONSES[422]}, summary="Try a rule")
@needs("viewer", audited=False)
@reads(RuleSpec, _RULE)
@answers(PreviewJson)
async def preview_rule(request: Request) -> Response:
    """
    Return how often a rule would have fired in the last 24 hours, how that is known, and what it would open now.

    Raises:
        BadRequest, ConfigError: As for a rule that is made.
    """
    return json(preview_json(await context(request).services.alerts.preview(_spec(await request.body()))))


@router.put("/rules/{rule_id}", responses=_WRITING, summary="Change a rule")
@needs("operator")
@reads(RuleSpec, _RULE)
@answers(RuleJson)
async def replace_rule(request: Request, rule_id: RuleId) -> Response:
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
@answers(DeletedJson)
async def delete_rule(request: Request, rule_id: RuleId) -> Response:
    """
    Forget a rule; what it had open is resolved and stays in the history.

    Raises:
        NotFound: No rule has this id.
        StorageError: It can't be deleted.
    """
    if not await context(request).services.alerts.delete_rule(rule_id):
        raise NotFound(f"no alert rule has the id {rule_id}")
    return json(DeletedJson(rule_id))


@router.get("/channels", summary="Channels, without what is secret in them")
@needs("viewer")
@answers(ChannelsJson)
async def list_channels(request: Request) -> Response:
    """Return every channel; of its address only what is no secret."""
    views = context(request).services.alerts.channel_views()
    return json(ChannelsJson([channel_json(each) for each in views]))


@router.post("/channels", responses=_WRITING, summary="Make a channel")
@needs("admin")
@reads(NewChannel, _CHANNEL)
@answers(MadeChannelJson, status=201, description="The channel")
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
    return json(MadeChannelJson(**msgspec.structs.asdict(channel_json(channel)), secret=secret or None), 201)


@router.post("/channels/{name}/test", responses={404: PROBLEM_RESPONSES[404]}, summary="Send a test now")
@needs("operator")
@answers(SentJson)
async def test_channel(request: Request, name: ChannelName) -> Response:
    """
    Send one message through a channel and return whether it arrived, else why not.

    Raises:
        NotFound: No channel has this name.
    """
    why = await context(request).services.alerts.test_channel(name)
    if why is None:
        raise NotFound(f"no channel is called {name}")
    return json(SentJson(not why, why))


@router.delete("/channels/{name}", responses=_WRITING, summary="Delete a channel")
@needs("admin")
@answers(DeletedJson)
async def delete_channel(request: Request, name: ChannelName) -> Response:
    """
    Forget a channel that an admin made; what waits for it is given up.

    Raises:
        NotFound: No channel has this name.
        ConfigError: A rule sends to it, or it comes from the environment.
        StorageError: It can't be deleted.
    """
    if not await context(request).services.alerts.delete_channel(name):
        raise NotFound(f"no channel is called {name}")
    return json(DeletedJson(name))


def _spec(body: bytes) -> RuleSpec:
    try:
        return msgspec.json.decode(body, type=RuleSpec)
    except msgspec.ValidationError as exc:
        raise BadRequest(f"{exc}; a rule is like {_EXAMPLE}") from exc
    except (msgspec.DecodeError, RecursionError) as exc:
        raise BadRequest(f"the body must be a rule, like {_EXAMPLE}") from exc

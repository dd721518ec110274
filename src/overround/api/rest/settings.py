"""Live settings: read them, change some of them at once."""

from typing import Any

import msgspec
from fastapi import Request, Response

from overround.api.answers import answers, reads
from overround.api.audit import is_about
from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES, BadRequest
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.config import SETTINGS, Settings, SettingValue

router = guarded_router(prefix="/api/settings", tags=["settings"])


class SettingJson(msgspec.Struct, frozen=True):
    """One live setting; bounds are inclusive, null where they mean nothing."""

    key: str
    value: SettingValue
    default: SettingValue
    min: int | None
    max: int | None
    unit: str
    effect: str  # when and on what a change acts


@router.get("", summary="Every live setting")
@needs("viewer")
@answers(list[SettingJson])
async def list_settings(request: Request) -> Response:
    """Return each setting with its value, default, bounds, unit and effect."""
    return json(_rows(context(request).services.settings))


@router.patch(
    "",
    responses={status: PROBLEM_RESPONSES[status] for status in (422, 503)},
    summary="Change settings",
)
@needs("operator")
@reads(dict[str, SettingValue], {"stale_after_s": 300})
@answers(list[SettingJson], description="All settings, as they are now")
async def change_settings(request: Request) -> Response:
    """
    Check, store, then apply a map of settings; one bad key or value refuses all.

    Raises:
        ConfigError: A key that is no setting, or a value out of bounds.
        StorageError: They could not be stored, so nothing changed.
    """
    services, changes = context(request).services, _map(await request.body())
    is_about(request, ", ".join(f"{key}={value}" for key, value in changes.items()))
    async with context(request).settings_lock:  # what is stored last is what applies last
        checked = services.settings.check(changes)
        await services.setting_store.save(checked)
        services.settings.apply(checked)
    return json(_rows(services.settings))


def _map(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as exc:
        raise BadRequest('the body must be a JSON object of settings, as in {"stale_after_s": 300}') from exc


def _rows(settings: Settings) -> list[SettingJson]:
    values = settings.all()
    return [
        SettingJson(spec.key, values[spec.key], spec.default, spec.min, spec.max, spec.unit, spec.effect)
        for spec in SETTINGS.values()
    ]

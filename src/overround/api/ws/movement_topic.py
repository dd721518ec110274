"""Topic `movements`: tells new and changed movements, each as the REST list has it, without holding the loop."""

import asyncio

from overround.analysis.records import AnalysisUpdate, Movement
from overround.api.analysis_json import AnalysisRows
from overround.api.ports import Services
from overround.api.ws.hub import Hub
from overround.log import get_logger

log = get_logger(__name__)

PUBLISH_EVERY_S = 0.5  # moves of one market come in bursts; of each only the newest state is told


class MovementTopic:
    """Collects what analysis tells, and publishes it twice a second, one row per turn of the loop."""

    def __init__(self, services: Services, hub: Hub) -> None:
        self._hub, self._clock = hub, services.clock
        self._rows = AnalysisRows(services.cache, services.catalogue)
        self._waiting: dict[str, Movement] = {}
        self._task: asyncio.Task[None] | None = None
        services.analysis.on_analysis(self._note)

    async def start(self) -> None:
        """Begin to publish."""
        self._task = asyncio.create_task(self._publish(), name="movements")

    async def stop(self) -> None:
        """End publishing."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _note(self, update: AnalysisUpdate) -> None:
        if self._task is not None:
            self._waiting.update((movement.id, movement) for movement in update.movements)

    async def _publish(self) -> None:
        while True:
            await self._clock.sleep(PUBLISH_EVERY_S)
            while self._waiting:
                movement = self._waiting.pop(next(iter(self._waiting)))
                try:
                    row = self._rows.movement(movement, self._clock.now())
                    self._hub.publish_row("movements", movement.id, row)
                except Exception as exc:  # the topic must outlive one row
                    log.error("movement_not_told", id=movement.id, exc_info=exc)
                await asyncio.sleep(0)

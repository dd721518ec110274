"""Work: what a run covers, where it is not everything the bookmakers list; and what an earlier run left over."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from overround.domain.runs import EventOutcome, RunReport
from overround.scraping.acceptance import ListingId
from overround.scraping.coordinator import EventJob


class Work(msgspec.Struct, frozen=True):
    """Listings, and bookmakers of which everything is covered."""

    listings: frozenset[ListingId]
    whole: frozenset[str]

    @property
    def bookmakers(self) -> frozenset[str]:
        """Return who has to be asked."""
        return self.whole | {bookmaker for _, bookmaker in self.listings}

    def part_of(self, job: EventJob) -> EventJob:
        """Return the job with only the listings covered."""
        covered = {
            code: own_id
            for code, own_id in job.listings.items()
            if code in self.whole or (job.sportradar_id, code) in self.listings
        }
        return msgspec.structs.replace(job, listings=covered)


def left_over(report: RunReport, outcomes: Sequence[EventOutcome]) -> Work:
    """
    Return what a run did not bring: the events that failed.

    Of a bookmaker it is everything where the list failed, the run ended before its last event, or more events
    failed than `outcomes` names. The report and the outcomes are all it takes, so a restart changes nothing.
    """
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    named = Counter(outcome.bookmaker for outcome in failed)
    begun = {row.bookmaker for row in report.phases if row.phase == "fetch" and row.current == row.total}
    listed = {row.bookmaker for row in report.phases if row.phase == "discover" and not row.errors}
    whole = frozenset(
        part.bookmaker
        for part in report.bookmakers
        if part.bookmaker not in begun & listed
        or part.failed > named[part.bookmaker]
        or (report.status in ("failed", "connection_failed") and not part.total)
    )
    listings = ((outcome.sportradar_id, outcome.bookmaker) for outcome in failed)
    return Work(frozenset(listing for listing in listings if listing[1] not in whole), whole)

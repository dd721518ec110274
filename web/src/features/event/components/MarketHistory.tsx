import { text } from "@text/event";
import { Failure } from "@/components/ui/Failure";
import { useLayout } from "@/lib/store/useOdds";
import type { EventAddress } from "../address";
import { useMarketHistory } from "../hooks/useMarketHistory";
import { HistoryCharts } from "./HistoryCharts";

interface Props {
  eventId: string;
  address: EventAddress;
  update: (change: Partial<EventAddress>) => void;
  zone: string;
}

/** The history of the market that is looked at. */
export function MarketHistory({ eventId, address, update, zone }: Props) {
  const column = useLayout().columns.find(({ key }) => key === address.market);
  const name = column === undefined ? address.market : nameOf(column);
  const { data, error, refetch } = useMarketHistory(eventId, address.market);
  const words = text.history;
  return (
    <section className="event-history" aria-label={words.title(name)}>
      <h2>{words.title(name)}</h2>
      {error !== null && <Failure reason={words.failed(error.message)} onRetry={refetch} />}
      {data !== undefined ? (
        <HistoryCharts history={data} {...{ name, address, update, zone }} />
      ) : (
        error === null && <p className="history-none">{words.loading}</p>
      )}
    </section>
  );
}

/** A market's name with its line, where the name does not say it. */
export function nameOf({ name, line }: { name: string; line: string }): string {
  return line === "" || name.includes(line) ? name : `${name} ${line}`;
}

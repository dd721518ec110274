import { text } from "@text/shell";
import { formatCount } from "@/lib/format";
import { RING_SIZE } from "@/lib/store/moves";
import { useOddsStore } from "@/lib/store/useOdds";
import { useLink } from "@/lib/store/useStatus";
import { useNow } from "@/lib/useNow";

const RATE_WINDOW_MS = 60_000;

/** How the page hears from the server, and how much. */
export function LinkChip() {
  const now = useNow();
  const link = useLink();
  const store = useOddsStore();
  switch (link.state) {
    case "connecting":
      return <Chip shape="○" tone="quiet" label={text.link.connecting} why={text.link.waiting} />;
    case "live": {
      const rate = store.ring.countSince(store.now() - RATE_WINDOW_MS);
      return (
        <Chip
          shape="●"
          tone="ok"
          label={text.link.live(`${formatCount(rate)}${rate >= RING_SIZE ? "+" : ""}`)}
          why={text.link.rate}
        />
      );
    }
    case "polling":
      return <Chip shape="■" tone="warn" label={text.link.polling} why={text.link.pollingWhy(link.reason)} />;
    case "reconnecting":
    case "offline": {
      const seconds = link.retryAt === null ? 0 : Math.max(0, Math.ceil((link.retryAt - now) / 1000));
      const name = text.link[link.state];
      return (
        <Chip
          shape="▲"
          tone="fault"
          label={seconds > 0 ? text.link.retryIn(name, seconds) : name}
          why={link.reason}
        />
      );
    }
  }
}

function Chip({ shape, tone, label, why }: { shape: string; tone: string; label: string; why: string }) {
  return (
    <span className="status-chip" title={why} data-link={tone}>
      <i className={tone} aria-hidden="true">
        {shape}
      </i>
      {label}
    </span>
  );
}

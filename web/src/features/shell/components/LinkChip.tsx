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
      return <Chip shape="○" tone="quiet" text="Connecting" why="waiting for the first answer" />;
    case "live": {
      const rate = store.ring.countSince(store.now() - RATE_WINDOW_MS);
      return (
        <Chip
          shape="●"
          tone="ok"
          text={`Live · ${formatCount(rate)}${rate >= RING_SIZE ? "+" : ""}/min`}
          why="price changes in the last minute"
        />
      );
    }
    case "polling":
      return (
        <Chip shape="■" tone="warn" text="Polling" why={`no live link (${link.reason}); asked every 15 s`} />
      );
    case "reconnecting":
    case "offline": {
      const seconds = link.retryAt === null ? 0 : Math.max(0, Math.ceil((link.retryAt - now) / 1000));
      const name = link.state === "offline" ? "Offline" : "Reconnecting";
      return (
        <Chip shape="▲" tone="fault" text={seconds > 0 ? `${name} ${seconds}s` : name} why={link.reason} />
      );
    }
  }
}

function Chip({ shape, tone, text, why }: { shape: string; tone: string; text: string; why: string }) {
  return (
    <span className="status-chip" title={why} data-link={tone}>
      <i className={tone} aria-hidden="true">
        {shape}
      </i>
      {text}
    </span>
  );
}

import { Link } from "wouter";
import { text } from "@text/board";
import { unreadName } from "@/lib/store/records";
import { useOddsStore } from "@/lib/store/useOdds";

export interface UnreadProps {
  eventId: string;
  bookmaker: number;
  column: number;
}

/** A market that the bookmaker offers and we can't read yet: the way to its row among the unmapped types. */
export function Unread({ eventId, bookmaker, column }: UnreadProps) {
  const store = useOddsStore();
  const event = store.event(eventId);
  const name = event === undefined ? null : unreadName(store.layout, event, bookmaker, column);
  const code = store.layout.bookmakers[bookmaker]?.code ?? "";
  const query = new URLSearchParams({ tab: "unmapped", bk: code, q: name ?? "" });
  return (
    <Link className="absent" href={`/coverage?${query}`} tabIndex={-1} aria-label={text.unread}>
      ?
    </Link>
  );
}

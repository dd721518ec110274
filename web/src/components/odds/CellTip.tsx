import { use, useEffect, useState, type RefObject } from "react";
import { createPortal } from "react-dom";
import { text } from "@text/board";
import { formatAge, formatGap, formatOdds, type OddsFormat } from "@/lib/format";
import { OddsFormatContext } from "@/lib/oddsFormat";
import type { OddsStore } from "@/lib/store/oddsStore";
import { bestPrice, confirmedAtOf, marketOf, unreadName } from "@/lib/store/records";
import { useCell, useLayout, useOddsStore } from "@/lib/store/useOdds";
import { clockTime, clockTimeWithSeconds } from "@/lib/timezone";
import { gapTo } from "@/lib/odds";
import { referenceWords } from "./reference";

const DWELL_MS = 350;

interface Target {
  eventId: string;
  bookmaker: number;
  column: number;
  outcome: number;
  box: DOMRect;
}

/** The words behind a price: who, what, since when, against whom. Shown on dwell, by pointer or by focus. */
export function CellTip({ scroller, zone }: { scroller: RefObject<HTMLDivElement | null>; zone: string }) {
  const target = useDwell(scroller);
  return target === null ? null : createPortal(<Tip target={target} zone={zone} />, document.body);
}

function useDwell(scroller: RefObject<HTMLDivElement | null>): Target | null {
  const [target, setTarget] = useState<Target | null>(null);
  useEffect(() => {
    const grid = scroller.current;
    if (grid === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = () => {
      clearTimeout(timer);
      setTarget(null);
    };
    const consider = (event: Event) => {
      hide();
      const cell = (event.target as HTMLElement).closest<HTMLElement>("[data-cell]");
      if (cell !== null)
        timer = setTimeout(() => {
          setTarget(targetOf(cell));
        }, DWELL_MS);
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key === "Escape") hide();
    };
    grid.addEventListener("mouseover", consider);
    grid.addEventListener("focusin", consider);
    for (const name of ["mouseleave", "focusout", "scroll"]) grid.addEventListener(name, hide);
    document.addEventListener("keydown", escape);
    return () => {
      hide();
      grid.removeEventListener("mouseover", consider);
      grid.removeEventListener("focusin", consider);
      for (const name of ["mouseleave", "focusout", "scroll"]) grid.removeEventListener(name, hide);
      document.removeEventListener("keydown", escape);
    };
  }, [scroller]);
  return target;
}

function targetOf(cell: HTMLElement): Target | null {
  const eventId = cell.closest<HTMLElement>("[data-event]")?.dataset.event;
  const [bookmaker = 0, column = 0, outcome = 0] = (cell.dataset.cell ?? "").split("/").map(Number);
  if (eventId === undefined) return null;
  return { eventId, bookmaker, column, outcome, box: cell.getBoundingClientRect() };
}

function Tip({ target, zone }: { target: Target; zone: string }) {
  const { eventId, bookmaker, column, outcome, box } = target;
  useCell(eventId, bookmaker, column, outcome);
  const layout = useLayout();
  const store = useOddsStore();
  const lines = describe(store, target, zone, use(OddsFormatContext));
  const market = layout.columns[column];
  if (market === undefined) return null;
  const below = box.bottom + 170 < window.innerHeight;
  return (
    <div
      className="cell-tip"
      role="tooltip"
      style={{
        left: Math.min(box.left, window.innerWidth - 270),
        ...(below ? { top: box.bottom + 6 } : { bottom: window.innerHeight - box.top + 6 }),
      }}
    >
      <strong>
        {layout.bookmakers[bookmaker]?.name} · {market.name} · {market.outcomes[outcome]}
      </strong>
      <dl>
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function describe(store: OddsStore, target: Target, zone: string, format: OddsFormat): [string, string][] {
  const { tip } = text;
  const { eventId, bookmaker, column, outcome } = target;
  const view = store.cell(eventId, bookmaker, column, outcome);
  const event = store.event(eventId);
  if (event === undefined || view.state === "waiting") return [[tip.state, text.noDataYet]];
  const { layout } = store;
  if (view.state === "unread")
    return [[tip.state, tip.unread(unreadName(layout, event, bookmaker, column) ?? "")]];
  if (view.state === "absent" || view.odds === null) return [[tip.state, tip.notOffered]];
  const lines: [string, string][] = [];
  const market = marketOf(layout, event, bookmaker, column);
  const since = market?.changedAt ?? null;
  const best = bestPrice(layout, event, column, outcome);
  const own = bookmaker === layout.own;

  lines.push([tip.price, `${formatOdds(view.odds, format)} · ${formatOdds(view.odds, "probability")}`]);
  if (view.state === "suspended") lines.push([tip.suspended, sinceText(since, zone)]);
  if (view.state === "withdrawn") lines.push([tip.gone, sinceText(since, zone)]);
  if (view.suspect) lines.push([tip.suspect, market?.suspect.join(", ") ?? ""]);
  if (view.gap !== null)
    lines.push([
      own ? tip.to(referenceWords(store.reference, layout)) : tip.toOwn,
      tip.gap(formatGap(view.gap)),
    ]);
  if (view.gap !== null && best !== null)
    lines.push([tip.toBest, tip.ofBest(formatGap(gapTo(view.odds, best)), formatOdds(best, format))]);
  const listing = event.listings[bookmaker];
  const shown = layout.columns[column];
  const confirmed = listing && shown ? confirmedAtOf(listing, shown) : 0;
  if (confirmed > 0)
    lines.push([
      view.stale ? tip.stale : tip.confirmed,
      tip.agoAt(formatAge(store.now() - confirmed), clockTimeWithSeconds(confirmed, zone)),
    ]);
  if (since !== null)
    lines.push([tip.changed, tip.agoAt(formatAge(store.now() - since), clockTimeWithSeconds(since, zone))]);
  const move = store.lastMove(eventId, bookmaker, column, outcome);
  if (move !== null)
    lines.push([
      tip.lastMove,
      tip.move(
        formatOdds(move.from, format),
        formatOdds(move.to, format),
        clockTimeWithSeconds(move.at, zone),
      ),
    ]);
  return lines;
}

function sinceText(at: number | null, zone: string): string {
  return at === null ? text.tip.unknownSince : text.since(clockTime(at, zone));
}

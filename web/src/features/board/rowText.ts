import { formatMargin, formatOdds } from "@/lib/format";
import type { OddsStore } from "@/lib/store/oddsStore";
import { clockTime, dayOf } from "@/lib/timezone";
import type { GridPlan, PriceSegment } from "./gridPlan";
import type { BoardAddress } from "./address";
import type { Item } from "./items";

/** Return the chosen rows as fields, with a head row: what is on screen, without gaps and signs. */
export function rowsAsText(
  store: OddsStore,
  items: readonly Item[],
  plan: GridPlan,
  address: Pick<BoardAddress, "zone" | "format">,
): string[][] {
  const rows = items.filter((item) => item.kind !== "group");
  return [headOf(store, plan), ...rows.map((item) => rowOf(store, item, plan, address))];
}

function headOf(store: OddsStore, plan: GridPlan): string[] {
  const { layout } = store;
  const prices = plan.segments.filter((segment) => segment.kind !== "lead");
  return [
    "kickoff",
    "event",
    "competition",
    "bookmaker",
    ...prices.flatMap((segment) => {
      const { name, outcomes } = layout.columns[segment.column]!;
      const book = segment.kind === "book" ? `${layout.bookmakers[segment.bookmaker]!.name} ` : "";
      return [...outcomes, "M%"].map((outcome) => `${book}${name} ${outcome}`);
    }),
  ];
}

function rowOf(
  store: OddsStore,
  item: Exclude<Item, { kind: "group" }>,
  plan: GridPlan,
  { zone, format }: Pick<BoardAddress, "zone" | "format">,
): string[] {
  const { layout } = store;
  const event = store.event(item.eventId);
  if (event === undefined) return [];
  const bookmaker = item.kind === "event" ? layout.own : item.bookmaker;
  const prices = (segment: PriceSegment) => {
    const whose = segment.kind === "book" ? segment.bookmaker : bookmaker;
    const odds = layout.columns[segment.column]!.outcomes.map((_, outcome) => {
      const view = store.cell(event.id, whose, segment.column, outcome);
      return view.odds === null ? "" : formatOdds(view.odds, format);
    });
    const margin = store.margin(event.id, whose, segment.column)?.margin ?? null;
    return [...odds, margin === null ? "" : formatMargin(margin)];
  };
  return [
    `${dayOf(event.kickoffAt, zone)} ${clockTime(event.kickoffAt, zone)}`,
    `${event.home} – ${event.away}`,
    event.competition.name,
    layout.bookmakers[bookmaker]?.name ?? "",
    ...plan.segments.flatMap((segment) => (segment.kind === "lead" ? [] : prices(segment))),
  ];
}

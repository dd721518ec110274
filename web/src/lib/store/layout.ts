import { fullName } from "@/lib/bookmakers";
import type { BoardWire } from "@/types/wire";

/** One market column group of the Board. */
export interface Column {
  /** As the address writes it: "3743", "5000:2.5". */
  key: string;
  marketId: string;
  line: string;
  name: string;
  outcomes: readonly string[];
  /** Outcomes that pay whatever the result, null where that is not a fixed number. */
  winners: number | null;
}

export interface Bookmaker {
  code: string;
  name: string;
}

/** Return a bookmaker's name, also of one that is off. */
export function bookmakerName(bookmakers: readonly Bookmaker[], code: string): string {
  return bookmakers.find((bookmaker) => bookmaker.code === code)?.name ?? fullName(code);
}

/** What the Board's rows and columns mean; indexes into these lists are what the store's records use. */
export interface Layout {
  bookmakers: readonly Bookmaker[];
  /** Index of the trader's own house. */
  own: number;
  columns: readonly Column[];
}

/** The markets that are there without asking: 1X2, over/under 2.5, both teams to score, double chance. */
export const MAIN_MARKETS: readonly string[] = ["3743", "5000:2.5", "3795", "4693"];

export const EMPTY_LAYOUT: Layout = { bookmakers: [], own: 0, columns: [] };

const REFERENCE_BOOKMAKER = "betpawa";

export function layoutOf(board: BoardWire): Layout {
  const bookmakers = board.bookmakers.map((code, index) => ({ code, name: board.bookmaker_names[index]! }));
  return {
    bookmakers,
    own: Math.max(0, board.bookmakers.indexOf(REFERENCE_BOOKMAKER)),
    columns: board.markets.map((key, index) => column(key, index, board)),
  };
}

function column(key: string, index: number, board: BoardWire): Column {
  const [marketId = "", line = ""] = key.split("|");
  return {
    key: columnKey(marketId, line),
    marketId,
    line,
    name: board.market_names[index]!,
    outcomes: board.outcomes[index]!,
    winners: board.winners[index]!,
  };
}

export function columnKey(marketId: string, line: string): string {
  return line === "" ? marketId : `${marketId}:${line}`;
}

import { describe, expect, test } from "vitest";
import { ODDS_FORMATS } from "@/lib/format";
import { layoutOf, MAIN_MARKETS } from "@/lib/store/layout";
import { board } from "@/testing/boards";
import { BROWSER_ZONE } from "@/lib/timezone";
import {
  ATTENTION_KINDS,
  AVAILABILITIES,
  BY_KICKOFF,
  GROUPINGS,
  SORT_KEYS,
  toggledMarkets,
  VIEWS,
  WINDOWS,
  defaultAddress,
  formatAddress,
  parseAddress,
  shownColumns,
  withinLayout,
  type BoardAddress,
} from "./address";

const PREFERENCES = { density: "normal", zone: "", format: "decimal" } as const;
const LAGOS_TIME = "from=2026-11-24T13:30";
const OTHER_ZONE = BROWSER_ZONE === "Africa/Nairobi" ? "Africa/Lagos" : "Africa/Nairobi";

const EVERYTHING: BoardAddress = {
  markets: ["5000:2.5"],
  reference: "sportybet",
  window: "today",
  q: "enyimba & co, 50 %",
  countries: ["Nigeria", "Korea, Republic of"],
  competitions: ["football-nigeria-npfl", "football-england-premier-league"],
  minGap: 2,
  view: "matrix",
  market: "3743",
  books: ["bet9ja"],
  from: Date.parse("2026-11-24T12:30:00Z"),
  to: Date.parse("2026-11-26T00:00:00Z"),
  has: ["betpawa"],
  lacks: ["msport"],
  watched: true,
  group: "hour",
  folded: ["2026-11-24T13", "watched"],
  panel: "61300949",
  columns: [
    { id: "ko", width: null, pinned: true },
    { id: "ev", width: 280, pinned: true },
    { id: "5000:2.5", width: 90, pinned: false },
  ],
  format: "american",
  attention: ["gap", "stale"],
  minBooks: 2,
  availability: "matched",
  started: true,
  sort: [
    { key: "gap", descending: true },
    { key: "league", descending: false },
  ],
  expanded: ["61300947", "61300948"],
  event: "61300947",
  density: "compact",
  zone: OTHER_ZONE,
};

describe("the address", () => {
  test("leaves defaults out", () => {
    expect(formatAddress(defaultAddress(PREFERENCES))).toBe("");
    expect(parseAddress("", PREFERENCES)).toEqual(defaultAddress(PREFERENCES));
  });

  test("holds every part of the screen state", () => {
    expect(parseAddress(formatAddress(EVERYTHING), PREFERENCES)).toEqual(EVERYTHING);
  });

  test.each(Object.keys(EVERYTHING) as (keyof BoardAddress)[])("holds %s by itself", (part) => {
    const address = { ...defaultAddress(PREFERENCES), [part]: EVERYTHING[part] };
    expect(parseAddress(formatAddress(address), PREFERENCES)).toEqual(address);
  });

  test("stays readable", () => {
    expect(
      formatAddress({ ...defaultAddress(PREFERENCES), markets: ["3743", "5000:2.5"], q: "", minBooks: 2 }),
    ).toBe("mk=3743,5000:2.5&min=2");
  });

  test.each([
    "ko=yesterday",
    "sort=price,-",
    "min=lots",
    "min=-3",
    "gap=NaN",
    "avail=some",
    "dens=z",
    "tz=Africa/Atlantis",
    "open=<script>",
    "ev=none",
    "ref=../x",
    "att=yes",
    "nonsense=1",
    "view=list",
    "from=yesterday",
    LAGOS_TIME, // without an offset nobody knows whose half past one it is
    "cols=;,",
    "bk=a/b",
    "x=<script>",
    "grp=colour",
    "fmt=roman",
  ])("falls back to the default for %s, which is removed from it", (search) => {
    expect(formatAddress(parseAddress(search, PREFERENCES))).toBe("");
  });

  test("forgets markets and references that the board does not have", () => {
    const layout = layoutOf(board([]));
    const address = { ...defaultAddress(PREFERENCES), markets: ["3743", "9999"], reference: "betpawa" };
    expect(withinLayout(address, layout, ["9999"])).toMatchObject({ markets: ["3743"], reference: "median" });
    expect(withinLayout({ ...address, markets: ["9999"] }, layout, ["9999"]).markets).toBeNull();
  });

  test("keeps a market that was not asked for yet: it may still come", () => {
    const address = { ...defaultAddress(PREFERENCES), markets: ["3743", "9999"] };
    expect(withinLayout(address, layoutOf(board([])), []).markets).toEqual(["3743", "9999"]);
    expect(shownColumns(["5000:2.5"], layoutOf(board([])))).toEqual([1]);
  });
});

/** Numbers from 0 to 1 that are the same in every run. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function anyAddress(chance: () => number): BoardAddress {
  const one = <T>(values: readonly T[]): T => values[Math.floor(chance() * values.length)]!;
  const some = <T>(values: readonly T[]): T[] => values.filter(() => chance() < 0.4);
  const orNull = <T>(values: readonly T[]) => (values.length > 0 ? values : null);
  const minute = () => Date.parse("2026-11-24T00:00Z") + Math.floor(chance() * 20_000) * 60_000;
  return {
    view: one(VIEWS),
    markets: orNull(some(["3743", "5000:2.5", "5000:3.25", "1096726:-1", "ft_odd_even"])),
    market: one(["", "3743", "5000:0.5"]),
    books: orNull(some(["sportybet", "bet9ja", "msport"])),
    reference: one(["median", "best", "bet9ja"]),
    window: one(WINDOWS),
    from: one([null, minute()]),
    to: one([null, minute()]),
    q: one(["", "a&b=c", "São Paulo %2C", "+ ,;:~*"]),
    countries: some(["Nigeria", "Korea, Republic of", "Côte d’Ivoire"]),
    competitions: some(["football-nigeria-npfl", "football-spain-laliga"]),
    minGap: one([0, 2, 2.5]),
    attention: some(ATTENTION_KINDS),
    minBooks: one([1, 2, 3]),
    has: some(["betpawa", "bet9ja"]),
    lacks: some(["sportybet"]),
    availability: one(AVAILABILITIES),
    started: one([true, false]),
    watched: one([true, false]),
    sort: orNull(some(SORT_KEYS).map((key) => ({ key, descending: one([true, false]) }))) ?? BY_KICKOFF,
    group: one(GROUPINGS),
    folded: some(["watched", "football-nigeria-npfl", "2026-11-24T13", "a,b"]),
    expanded: one<BoardAddress["expanded"]>(["all", some(["1", "61300947"])]),
    event: one(["", "61300947"]),
    panel: one(["", "61300948"]),
    columns: orNull(
      some(["ko", "ev", "bk", "3743", "5000:2.5", "betpawa"]).map((id) => ({
        id,
        width: one([null, 40, 333]),
        pinned: one([true, false]),
      })),
    ),
    density: one(["compact", "normal", "roomy"]),
    zone: one(["Africa/Lagos", "Africa/Nairobi", "UTC", "Asia/Kolkata", "America/St_Johns"]),
    format: one(ODDS_FORMATS),
  };
}

test("any screen state comes back from its address as it was", () => {
  const chance = chances(20_261_124);
  for (let round = 0; round < 500; round++) {
    const address = anyAddress(chance);
    expect(parseAddress(formatAddress(address), PREFERENCES)).toEqual(address);
  }
});

describe("switching a market", () => {
  test.each<[string, readonly string[] | null, string, readonly string[] | null]>([
    ["hides one of the main four", null, "5000:2.5", ["3743", "3795", "4693"]],
    ["brings it back to its place", ["3743", "3795", "4693"], "5000:2.5", null],
    ["puts a further one at the end", null, "29", [...MAIN_MARKETS, "29"]],
    ["leaves the last one", ["3743"], "3743", ["3743"]],
    [
      "takes no ninth",
      ["1", "2", "3", "4", "5", "6", "7", "8"],
      "9",
      ["1", "2", "3", "4", "5", "6", "7", "8"],
    ],
  ])("%s", (_what, markets, key, expected) => {
    expect(toggledMarkets(markets, key)).toEqual(expected);
  });
});

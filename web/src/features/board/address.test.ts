import { describe, expect, test } from "vitest";
import { layoutOf } from "@/lib/store/layout";
import { board } from "@/testing/boards";
import { BROWSER_ZONE } from "@/lib/timezone";
import {
  defaultAddress,
  formatAddress,
  parseAddress,
  shownColumns,
  withinLayout,
  type BoardAddress,
} from "./address";

const PREFERENCES = { density: "normal", zone: "" } as const;
const OTHER_ZONE = BROWSER_ZONE === "Africa/Nairobi" ? "Africa/Lagos" : "Africa/Nairobi";

const EVERYTHING: BoardAddress = {
  markets: ["5000:2.5"],
  reference: "sportybet",
  window: "today",
  q: "enyimba & co, 50 %",
  countries: ["Nigeria", "Korea, Republic of"],
  competitions: ["football-nigeria-npfl", "football-england-premier-league"],
  minGap: 2,
  attention: true,
  minBooks: 2,
  availability: "matched",
  started: true,
  sort: [
    { key: "gap", descending: true },
    { key: "league", descending: false },
  ],
  open: ["61300947", "61300948"],
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
  ])("falls back to the default for %s, which is removed from it", (search) => {
    expect(formatAddress(parseAddress(search, PREFERENCES))).toBe("");
  });

  test("forgets markets and references that the board does not have", () => {
    const layout = layoutOf(board([]));
    const address = { ...defaultAddress(PREFERENCES), markets: ["3743", "9999"], reference: "betpawa" };
    expect(withinLayout(address, layout)).toMatchObject({ markets: ["3743"], reference: "median" });
    expect(withinLayout({ ...address, markets: ["9999"] }, layout).markets).toBeNull();
    expect(shownColumns(["5000:2.5"], layout)).toEqual([1]);
  });
});

import { expect, test } from "vitest";
import { decodeCompetition, decodeMargins, differences, scaleOf, tintOf } from "./margins";

test("a row keeps what is not known apart from 0", () => {
  const { rows } = decodeMargins({
    margins: [
      {
        competition: { id: "football-nigeria-npfl", name: "NPFL", country: "Nigeria" },
        market_id: "5000",
        line: "2.5",
        name: "O/U 2.5",
        own: 0.048,
        rivals: { sportybet: 0.05, bet9ja: null },
        difference: -0.002,
        events: 12,
        closes: { betpawa: { events: 12, opening: 0.06, closing: null } },
        clv: {},
        sparkline: [null, 0, 0.05],
      },
    ],
    total: 1,
    rolled_up_until: null,
  });
  expect(rows[0]).toMatchObject({
    rivals: { sportybet: 0.05, bet9ja: null },
    closes: { betpawa: { opening: 0.06, closing: null } },
    sparkline: [null, 0, 0.05],
  });
});

test.each([
  [null, ""],
  [-0.002, ""],
  [-0.004, "better-1"],
  [0.004, "worse-1"],
  [-0.03, "better-2"],
  [0.01, "worse-2"],
])("a difference of %s is tinted %j", (difference, tint) => {
  expect(tintOf(difference)).toBe(tint);
});

test("all charts share a scale with room; without a figure there is none", () => {
  expect(scaleOf([null, null])).toBeNull();
  const scale = scaleOf([0.02, null, 0.12])!;
  expect([scale.low < 0.02, scale.high > 0.12]).toEqual([true, true]);
  expect(scaleOf([0.05])!.high).toBeGreaterThan(scaleOf([0.05])!.low);
});

test("the difference view holds each band against our mean there, and says nothing where we had none", () => {
  const spread = (min: number | null, mean: number | null, max: number | null) => ({
    min,
    mean,
    max,
    hours: 1,
    uptime: 1,
  });
  const book = (bookmaker: string, bands: unknown[]) => ({ bookmaker, overall: spread(0, 0, 0), bands });
  const { markets } = decodeCompetition({
    competition: { id: "x", name: "X", country: "Y" },
    bands: ["7d+", "3-7d"],
    markets: [
      {
        market_id: "3743",
        name: "1X2",
        bookmakers: [
          book("betpawa", [spread(0.04, 0.05, 0.06), spread(null, null, null)]),
          book("bet9ja", [spread(0.05, 0.07, 0.08), spread(0.05, 0.07, 0.08)]),
        ],
      },
    ],
  });
  const [own, rival] = markets[0]!.books;
  expect(differences(rival!, own).bands.map(({ mean }) => mean && Number(mean.toFixed(4)))).toEqual([
    0.02,
    null,
  ]);
});

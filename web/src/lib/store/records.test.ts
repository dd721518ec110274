import { describe, expect, it } from "vitest";
import { confirmedAtOf } from "./records";

const TOTAL = { key: "5000:2.5", marketId: "5000" };

describe("when a market was last confirmed", () => {
  it("is the newest of the listing, the market and its line", () => {
    const times = { "5000": 20, "5000:2.5": 30, "5000:3.5": 40 };
    expect(confirmedAtOf({ confirmedAt: 10, marketConfirmedAt: times }, TOTAL)).toBe(30);
    expect(confirmedAtOf({ confirmedAt: 50, marketConfirmedAt: times }, TOTAL)).toBe(50);
    expect(confirmedAtOf({ confirmedAt: null, marketConfirmedAt: { "5000": 20 } }, TOTAL)).toBe(20);
  });

  it("is never for a listing that nobody confirmed", () => {
    expect(confirmedAtOf({ confirmedAt: null, marketConfirmedAt: {} }, TOTAL)).toBe(-Infinity);
  });
});

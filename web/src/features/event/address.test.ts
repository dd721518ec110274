import { expect, test } from "vitest";
import { formatEventAddress, parseEventAddress, START } from "./address";

test("what is not at its default survives the address, defaults are left out", () => {
  const query = "mk=5000:2.5&o=1&grp=goals&q=total&gap=3&all=1&span=6h&y=prob&hide=bet9ja";
  expect(formatEventAddress(parseEventAddress(query))).toBe(query);
  expect(formatEventAddress(START)).toBe("");
});

test("bad values fall back to the default", () => {
  expect(parseEventAddress("mk=<x>&o=-1&gap=x&span=9y&y=z&hide=A!")).toEqual(START);
});

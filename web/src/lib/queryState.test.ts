// @vitest-environment jsdom
import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { setPreferences } from "./preferences";
import {
  flagField,
  formatState,
  listField,
  oneOfField,
  parseState,
  textField,
  useQueryState,
  type StateOf,
} from "./queryState";

const FIELDS = {
  win: oneOfField(["15m", "1h"], "15m"),
  mk: listField(),
  q: textField(5),
  mine: flagField(true),
};

afterEach(() => {
  setPreferences({ zone: "" });
  window.history.replaceState(null, "", "/");
});

test("what is written reads back; defaults are not written", () => {
  const state: StateOf<typeof FIELDS> = { win: "1h", mk: ["3743", "5000:2.5"], q: "a & b", mine: false };
  const query = formatState(FIELDS, state);
  expect(query).toBe("win=1h&mk=3743,5000:2.5&q=a+%26+b&mine=0");
  expect(parseState(FIELDS, query)).toEqual(state);
  expect(formatState(FIELDS, parseState(FIELDS, ""))).toBe("");
});

test("bad values read as the default and leave the address; a zone in it is kept and shown", () => {
  window.history.replaceState(null, "", "/movements?win=2y&q=toolong&what=1&tz=Africa/Nairobi");
  const { result } = renderHook(() => useQueryState(FIELDS));
  expect(result.current[0]).toEqual({ win: "15m", mk: [], q: "toolo", mine: true });
  expect(window.location.search).toBe("?q=toolo&tz=Africa/Nairobi");
  act(() => {
    result.current[1]({ win: "1h" });
    result.current[1]({ q: "" });
  });
  expect(window.location.search).toBe("?win=1h&tz=Africa/Nairobi");
});

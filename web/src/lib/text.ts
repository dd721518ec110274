import { formatWhole } from "./format";

/** Return text as search compares it: lower case, without accents. */
export function searchable(value: string): string {
  return value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** "1 event", "1,184 events" */
export function countOf(count: number, one: string): string {
  return `${formatWhole(count)} ${count === 1 ? one : `${one}s`}`;
}

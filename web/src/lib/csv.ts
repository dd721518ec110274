export type CsvValue = string | number | null;

const BYTE_ORDER_MARK = "\uFEFF";

/** Write one header row and the rows, RFC 4180. @param withMark Whether Excel has to be told that it is UTF-8. */
export function csvText(
  header: readonly string[],
  rows: readonly (readonly CsvValue[])[],
  withMark: boolean,
): string {
  const lines = [header, ...rows].map((row) => row.map(csvField).join(","));
  return (withMark ? BYTE_ORDER_MARK : "") + lines.join("\r\n") + "\r\n";
}

/** A text that a spreadsheet would run as a formula gets a leading apostrophe; numbers are numbers. */
export function csvField(value: CsvValue): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Tab-separated text as spreadsheets paste it; a tab or line break inside a field becomes a space. */
export function tsvText(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map((field) => field.replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n");
}

/** Hand a text to the browser as a file. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  [link.href, link.download] = [url, name];
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}

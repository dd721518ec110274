/** Words of the parts that every page is made of. */
export const text = {
  close: "Close",
  retry: "Retry",
  search: "Search",
  find: (name: string) => `Find ${name}`,
  nothingLike: (query: string) => `Nothing like “${query}”.`,
  clear: (count: number) => `Clear ${count}`,
  removeFilter: (name: string) => `Remove filter ${name}`,
  times: "Times:",

  csv: "CSV",
  csvCount: (count: number) => `${count} rows: everything the filters select.`,
  csvMark: "Byte order mark, for Excel",
  csvSaved: (count: number) => `${count} rows saved`,
  csvFailed: (reason: string) => `Not saved: ${reason}`,
  download: "Download",

  keys: {
    search: "Search",
    move: "Move by row",
    density: "Row height",
    expand: "Show what is in a row",
    open: "Open the event",
  },
} as const;

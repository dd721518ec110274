/** Words of the parts that every page is made of. */
export const text = {
  close: "Close",
  retry: "Retry",
  find: (name: string) => `Find ${name}`,
  nothingLike: (query: string) => `Nothing like “${query}”.`,
  clear: (count: number) => `Clear ${count}`,
} as const;

import { seriesOf, shortName } from "@/lib/bookmakers";
import { useLayout } from "@/lib/store/useOdds";
import "./BookTag.css";

/** Return how a bookmaker is called, its code before the Board has come. */
export function useBookName(): (code: string) => string {
  const { bookmakers } = useLayout();
  return (code) => bookmakers.find((each) => each.code === code)?.name ?? code;
}

/** A bookmaker in two letters with its colour; the whole name is the tooltip and what is read aloud. */
export function BookTag({ code }: { code: string }) {
  const name = useBookName()(code);
  return (
    <span className="book-tag" title={name} data-series={seriesOf(code)}>
      <span aria-hidden="true">{shortName(code)}</span>
      <span className="visually-hidden">{name}</span>
    </span>
  );
}

import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import { useShortcuts, type KeyHelp } from "@/lib/keys";
import { toggleTheme } from "@/lib/preferences";
import { useRunFacts } from "../hooks/useRunFacts";
import { useTitle } from "../hooks/useTitle";
import { FreezeBar, OutdatedBar, WorldBanner } from "./Bars";
import { BookmakerChips } from "./BookmakerChips";
import { KeyList } from "./KeyList";
import { LinkChip } from "./LinkChip";
import { RunClock } from "./RunClock";
import { RunLine } from "./RunLine";
import "./Shell.css";

const SHELL_KEYS: readonly KeyHelp[] = [
  { caps: ["t"], does: "Dark or light" },
  { caps: ["?"], does: "This list" },
];

interface Props {
  /** The page's name, for the title and the navigation. */
  page: string;
  /** The keys of the page inside, for the key list. */
  keys: readonly KeyHelp[];
  children: ReactNode;
}

/** What stands around every page: where you are, whether to trust it, what is going on. */
export function Shell({ page, keys, children }: Props) {
  const [listing, setListing] = useState(false);
  useRunFacts();
  useTitle(page);
  useShortcuts([
    { keys: ["t"], run: toggleTheme },
    {
      keys: ["?"],
      run: () => {
        setListing(true);
      },
    },
  ]);
  return (
    <div className="shell">
      <header className="shell-header">
        <span className="brand">Overround</span>
        <nav aria-label="Pages">
          <Link href="/" aria-current={page === "Board" ? "page" : undefined}>
            Board
          </Link>
        </nav>
        <span className="spring" />
        <LinkChip />
        <BookmakerChips />
        <RunClock />
        <button
          type="button"
          className="button icon"
          aria-label="Dark or light"
          title="Dark or light (t)"
          onClick={toggleTheme}
        >
          ◐
        </button>
        <button
          type="button"
          className="button icon"
          aria-label="Keys"
          title="Keys (?)"
          onClick={() => {
            setListing(true);
          }}
        >
          ?
        </button>
        <RunLine />
      </header>
      <WorldBanner />
      <OutdatedBar />
      <FreezeBar />
      {children}
      {listing && (
        <KeyList
          keys={[...keys, ...SHELL_KEYS]}
          onClose={() => {
            setListing(false);
          }}
        />
      )}
    </div>
  );
}

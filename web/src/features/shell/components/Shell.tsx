import { useCallback, useMemo, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { text } from "@text/shell";
import { useCommands } from "@/lib/commands";
import { useShortcuts, type KeyHelp } from "@/lib/keys";
import type { Page } from "@/lib/pages";
import { toggleTheme } from "@/lib/preferences";
import { useUnseen } from "@/lib/unseen";
import { useGoKeys } from "../hooks/useGoKeys";
import { usePaletteKey } from "../hooks/usePaletteKey";
import { useRunFacts } from "../hooks/useRunFacts";
import { useTitle } from "../hooks/useTitle";
import { FreezeBar, OutdatedBar, WorldBanner } from "./Bars";
import { BookmakerChips } from "./BookmakerChips";
import { KeyList } from "./KeyList";
import { LinkChip } from "./LinkChip";
import { Palette } from "./Palette";
import { RunClock } from "./RunClock";
import { RunLine } from "./RunLine";
import "./Shell.css";

interface Props {
  /** The page's name, for the title and the navigation. */
  page: string;
  pages: readonly Page[];
  /** The keys of the page inside, for the key list. */
  keys: readonly KeyHelp[];
  children: ReactNode;
}

/** What stands around every page: where you are, whether to trust it, what is going on. */
export function Shell({ page, pages, keys, children }: Props) {
  const [dialog, setDialog] = useState<"none" | "keys" | "palette">("none");
  const [, go] = useLocation();
  useRunFacts();
  useTitle(page);
  useGoKeys(pages, go);
  usePaletteKey(
    useCallback(() => {
      setDialog("palette");
    }, []),
  );
  const showKeys = useCallback(() => {
    setDialog("keys");
  }, []);
  const close = () => {
    setDialog("none");
  };
  useCommands(
    useMemo(
      () => [
        { name: text.theme, hint: "t", run: toggleTheme },
        { name: text.keys, hint: "?", run: showKeys },
      ],
      [showKeys],
    ),
  );
  useShortcuts([
    { keys: ["t"], run: toggleTheme },
    { keys: ["?"], run: showKeys },
  ]);
  return (
    <div className="shell">
      <header className="shell-header">
        <span className="brand">{text.product}</span>
        <Pages page={page} pages={pages} />
        <span className="spring" />
        <LinkChip />
        <BookmakerChips />
        <RunClock />
        <IconButton name={text.theme} hint="t" sign="◐" onClick={toggleTheme} />
        <IconButton
          name={text.palette}
          hint={text.paletteHint}
          sign="⌕"
          onClick={() => {
            setDialog("palette");
          }}
        />
        <IconButton name={text.keys} hint="?" sign="?" onClick={showKeys} />
        <RunLine />
      </header>
      <WorldBanner />
      <OutdatedBar />
      <FreezeBar />
      {children}
      {dialog === "keys" && <KeyList keys={[...keys, ...shellKeys(pages)]} onClose={close} />}
      {dialog === "palette" && <Palette pages={pages} go={go} onClose={close} />}
    </div>
  );
}

function Pages({ page, pages }: Pick<Props, "page" | "pages">) {
  const unseen = useUnseen();
  return (
    <nav aria-label={text.pages}>
      {pages.map(({ path, name }) => (
        <Link key={path} href={path} aria-current={page === name ? "page" : undefined}>
          {name}
          {unseen[path] !== undefined && (
            <sup className="unseen" title={text.unseen(unseen[path])}>
              {unseen[path]}
              <span className="visually-hidden">{text.unseenWord}</span>
            </sup>
          )}
        </Link>
      ))}
    </nav>
  );
}

function IconButton(props: { name: string; hint: string; sign: string; onClick: () => void }) {
  const { name, hint, sign, onClick } = props;
  return (
    <button
      type="button"
      className="button icon"
      aria-label={name}
      title={`${name} (${hint})`}
      onClick={onClick}
    >
      {sign}
    </button>
  );
}

function shellKeys(pages: readonly Page[]): KeyHelp[] {
  return [
    ...pages.map(({ name, key }) => ({ caps: ["g", key], does: text.help.goTo(name) })),
    { caps: ["Ctrl", "K"], does: text.help.palette },
    { caps: ["t"], does: text.help.theme },
    { caps: ["?"], does: text.help.list },
  ];
}

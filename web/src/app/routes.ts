import { lazy, type ComponentType } from "react";
import { text } from "@text/shell";
import { ALERTS_KEYS } from "@/features/alerts/keys";
import { COVERAGE_KEYS } from "@/features/coverage/keys";
import { EVENT_KEYS } from "@/features/event/keys";
import { EXPOSURE_KEYS } from "@/features/exposure/keys";
import { COMPETITION_KEYS, MARGINS_KEYS } from "@/features/margins/keys";
import { MOVEMENTS_KEYS } from "@/features/movements/keys";
import type { KeyHelp } from "@/lib/keys";
import { RunRoute, RunsRoute, SettingsRoute, StorageRoute } from "./lazyPages";

/** A page beside the Board: a folder of its own under features/, loaded when it is opened. */
export interface PageRoute {
  /** As wouter matches it; the page reads its parameters with `useParams`. */
  path: string;
  /** Shown in the title, and as the current page where the navigation has it. */
  name: string;
  keys: readonly KeyHelp[];
  Page: ComponentType;
}

export const ROUTES: readonly PageRoute[] = [
  {
    path: "/event/:id",
    name: text.page.event,
    keys: EVENT_KEYS,
    Page: lazy(() =>
      import("@/features/event/components/EventPage").then(({ EventPage }) => ({ default: EventPage })),
    ),
  },
  { path: "/runs", name: text.page.runs, keys: [], Page: RunsRoute },
  { path: "/runs/:id", name: text.page.runs, keys: [], Page: RunRoute },
  {
    path: "/movements",
    name: text.page.movements,
    keys: MOVEMENTS_KEYS,
    Page: lazy(() =>
      import("@/features/movements/components/Movements").then(({ Movements }) => ({ default: Movements })),
    ),
  },
  {
    path: "/exposure",
    name: text.page.exposure,
    keys: EXPOSURE_KEYS,
    Page: lazy(() =>
      import("@/features/exposure/components/Exposure").then(({ Exposure }) => ({ default: Exposure })),
    ),
  },
  {
    path: "/coverage",
    name: text.page.coverage,
    keys: COVERAGE_KEYS,
    Page: lazy(() =>
      import("@/features/coverage/components/Coverage").then(({ Coverage }) => ({ default: Coverage })),
    ),
  },
  {
    path: "/margins",
    name: text.page.margins,
    keys: MARGINS_KEYS,
    Page: lazy(() =>
      import("@/features/margins/components/Margins").then(({ Margins }) => ({ default: Margins })),
    ),
  },
  {
    path: "/margins/:competition",
    name: text.page.margins,
    keys: COMPETITION_KEYS,
    Page: lazy(() =>
      import("@/features/margins/components/Competition").then(({ Competition }) => ({
        default: Competition,
      })),
    ),
  },
  {
    path: "/alerts",
    name: text.page.alerts,
    keys: ALERTS_KEYS,
    Page: lazy(() =>
      import("@/features/alerts/components/Alerts").then(({ Alerts }) => ({ default: Alerts })),
    ),
  },
  { path: "/storage", name: text.page.storage, keys: [], Page: StorageRoute },
  { path: "/settings", name: text.page.settings, keys: [], Page: SettingsRoute },
];

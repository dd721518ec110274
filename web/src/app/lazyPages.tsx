import { lazy } from "react";
import { text } from "@text/shell";
import { RunNow } from "@/features/shell/components/RunNow";

const Runs = lazy(async () => ({ default: (await import("@/features/runs/components/Runs")).Runs }));

export function RunsRoute() {
  return <Runs runNow={<RunNow label={text.run.runNow} />} />;
}

export const StorageRoute = lazy(async () => ({
  default: (await import("@/features/storage/components/Storage")).Storage,
}));

export const SettingsRoute = lazy(async () => ({
  default: (await import("@/features/settings/components/Settings")).Settings,
}));

export const RunRoute = lazy(async () => ({
  default: (await import("@/features/runs/components/Run")).Run,
}));

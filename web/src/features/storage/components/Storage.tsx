import { useState } from "react";
import { Link } from "wouter";
import { text } from "@text/storage";
import { Failure } from "@/components/ui/Failure";
import { Desk, Panel, Waiting } from "@/components/ui/Panel";
import { TimeChart } from "@/components/ui/TimeChart";
import { formatSize } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { askAgain, useRest } from "@/lib/rest";
import { useMay } from "@/lib/session";
import { BROWSER_ZONE, fullTime, shortDay } from "@/lib/timezone";
import { fetchCleanups, fetchPreview, type CleanupReport } from "../api/cleanup";
import { fetchSamples, fetchStorage, type Sample, type StorageNow } from "../api/storage";
import { daysUntil, growthPerDay, usedBytes } from "../growth";
import { Cleanups } from "./Cleanups";
import { CleanNow } from "./CleanNow";
import { Tables } from "./Tables";
import "./Storage.css";

const STORAGE = "/api/storage";
const SAMPLES = "/api/storage/samples";
const PREVIEW = "/api/cleanup/preview";
const CLEANUPS = "/api/cleanup/history";
const NO_SAMPLES: readonly Sample[] = [];

/** How large the storage is and becomes, what is deleted when, and the means to do it now. */
export function Storage() {
  const may = useMay("admin");
  const [cleaning, setCleaning] = useState(false);
  const now = useRest([STORAGE], fetchStorage);
  const samples = useRest([SAMPLES], fetchSamples);
  const cleanups = useRest<CleanupReport[]>([CLEANUPS], fetchCleanups);
  const retry = () => {
    now.refetch();
    samples.refetch();
    cleanups.refetch();
  };
  const failure = now.error ?? samples.error ?? cleanups.error;
  const tools = (
    <>
      <span className="spring" />
      <button
        type="button"
        className="button"
        disabled={!may}
        title={may ? undefined : text.clean.mayNot}
        onClick={() => setCleaning(true)}
      >
        {text.clean.open}
      </button>
    </>
  );
  return (
    <Desk title={text.title} tools={tools}>
      {failure !== null && <Failure reason={failure.message} onRetry={retry} />}
      {now.data === undefined ? (
        failure === null && <Waiting lines={8} />
      ) : (
        <>
          <div className="panels">
            <Sizes now={now.data} samples={samples.data ?? NO_SAMPLES} />
            <div>
              <Retention />
              <Alerts now={now.data} />
            </div>
          </div>
          <Tables now={now.data} samples={samples.data ?? NO_SAMPLES} />
        </>
      )}
      <Cleanups cleanups={cleanups.data} />
      {cleaning && (
        <CleanNow
          onDone={() => {
            for (const path of [STORAGE, PREVIEW, CLEANUPS]) askAgain(path);
          }}
          onClose={() => setCleaning(false)}
        />
      )}
    </Desk>
  );
}

function Sizes({ now, samples }: { now: StorageNow; samples: readonly Sample[] }) {
  const [cursor, setCursor] = useState<number | null>(null);
  const zone = usePreferences().zone || BROWSER_ZONE;
  const points = [...samples, { ...now, at: now.now }].map((sample) => ({
    at: sample.at,
    bytes: usedBytes(sample),
  }));
  const perDay = growthPerDay(points);
  const { facts } = text;
  const untilFull = now.diskFreeBytes === null ? null : daysUntil(now.diskFreeBytes + now.freeBytes, perDay);
  const untilAlert = daysUntil(now.alertBytes - usedBytes(now), perDay);
  const inDays = (days: number | null) =>
    perDay === null
      ? facts.noGrowth
      : days === null
        ? facts.never
        : days === 0
          ? facts.over
          : facts.days(days);
  return (
    <Panel title={text.sizes}>
      <dl className="sizes">
        <Fact name={facts.database} value={formatSize(now.databaseBytes)} />
        <Fact name={facts.free} value={formatSize(now.freeBytes)} />
        <Fact name={facts.spool} value={formatSize(now.spoolBytes)} />
        <Fact
          name={facts.disk}
          value={now.diskFreeBytes === null ? facts.elsewhere : formatSize(now.diskFreeBytes)}
        />
        <Fact name={facts.growth} value={perDay === null ? facts.noGrowth : formatSize(perDay)} />
        {now.diskFreeBytes !== null && <Fact name={facts.full} value={inDays(untilFull)} />}
        <Fact name={facts.alert(formatSize(now.alertBytes))} value={inDays(untilAlert)} />
      </dl>
      {samples.length < 2 ? (
        <p className="nothing">{text.chartShort}</p>
      ) : (
        <TimeChart
          name={text.chart}
          kind="line"
          from={points[0]!.at}
          to={now.now}
          points={points.map(({ at, bytes }) => ({ at, value: bytes }))}
          format={formatSize}
          label={(at) => shortDay(at, zone)}
          cursor={cursor}
          onCursor={setCursor}
        />
      )}
    </Panel>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Retention() {
  const { data, error, refetch } = useRest([PREVIEW], fetchPreview);
  return (
    <Panel title={text.retention} tools={<Link href="/settings">{text.change}</Link>}>
      {error !== null && <Failure reason={error.message} onRetry={refetch} />}
      {data === undefined ? (
        error === null && <Waiting />
      ) : (
        <ul className="rules">
          {Object.entries(data.settings).map(([key, value]) => (
            <li key={key}>{text.rules[key]?.(value) ?? `${key} ${value}`}</li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Alerts({ now }: { now: StorageNow }) {
  const zone = usePreferences().zone || BROWSER_ZONE;
  return (
    <Panel title={text.alerts}>
      {now.alerts.length === 0 ? (
        <p className="nothing">{text.noAlerts}</p>
      ) : (
        <ul className="rules">
          {now.alerts.map(({ at, kind, detail }) => (
            <li key={`${at} ${kind}`}>
              <span className="fault">▲ {fullTime(at, zone)}</span> {detail}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

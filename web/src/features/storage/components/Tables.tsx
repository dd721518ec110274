import { text } from "@text/storage";
import { Panel } from "@/components/ui/Panel";
import { formatSize, formatWhole } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { BROWSER_ZONE, fullTime } from "@/lib/timezone";
import type { Sample, StorageNow } from "../api/storage";
import { sizesOf } from "../growth";

/** Every table, the largest first. */
export function Tables({ now, samples }: { now: StorageNow; samples: readonly Sample[] }) {
  const zone = usePreferences().zone || BROWSER_ZONE;
  const { columns } = text;
  const { sample } = now;
  if (sample === null)
    return (
      <Panel title={text.tables}>
        <p className="nothing">{text.noSample}</p>
      </Panel>
    );
  const whole = sample.tables.reduce((sum, { bytes }) => sum + bytes, 0);
  const growth = (table: string) => {
    const points = sizesOf(table, samples);
    return points.length < 2 ? null : points.at(-1)!.bytes - points[0]!.bytes;
  };
  return (
    <Panel
      title={text.tables}
      tools={<span className="muted">{text.tablesAt(fullTime(sample.at, zone))}</span>}
    >
      <div className="scroll-x">
        <table className="data">
          <thead>
            <tr>
              <th scope="col">{columns.table}</th>
              <th scope="col" className="end">
                {columns.rows}
              </th>
              <th scope="col" className="end">
                {columns.size}
              </th>
              <th scope="col">{columns.share}</th>
              <th scope="col" className="end">
                {columns.growth}
              </th>
              <th scope="col" className="wide">
                {columns.oldest}
              </th>
            </tr>
          </thead>
          <tbody>
            {sample.tables
              .toSorted((a, b) => b.bytes - a.bytes)
              .map(({ table, rows, bytes }) => {
                const grown = growth(table);
                const oldest = now.oldest[table] ?? null;
                return (
                  <tr key={table}>
                    <th scope="row">{table}</th>
                    <td className="end">{formatWhole(rows)}</td>
                    <td className="end">{formatSize(bytes)}</td>
                    <td>
                      <span className="table-share" aria-hidden="true">
                        <i style={{ width: `${whole > 0 ? (bytes / whole) * 100 : 0}%` }} />
                      </span>
                    </td>
                    <td className="end">
                      {grown === null ? "–" : `${grown < 0 ? "−" : "+"}${formatSize(Math.abs(grown))}`}
                    </td>
                    <td className="wide">{oldest === null ? "–" : fullTime(oldest, zone)}</td>
                  </tr>
                );
              })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

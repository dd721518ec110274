import { text } from "@text/storage";
import { Panel, Waiting } from "@/components/ui/Panel";
import { formatSize, formatSpan, formatWhole } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { BROWSER_ZONE, fullTime } from "@/lib/timezone";
import type { CleanupReport } from "../api/cleanup";

/** What was deleted, newest first. */
export function Cleanups({ cleanups }: { cleanups: readonly CleanupReport[] | undefined }) {
  const zone = usePreferences().zone || BROWSER_ZONE;
  const columns = text.historyColumns;
  return (
    <Panel title={text.history}>
      {cleanups === undefined ? (
        <Waiting />
      ) : cleanups.length === 0 ? (
        <p className="nothing">{text.noCleanups}</p>
      ) : (
        <div className="scroll-x">
          <table className="data">
            <thead>
              <tr>
                <th scope="col">{columns.started}</th>
                <th scope="col">{columns.trigger}</th>
                <th scope="col" className="end">
                  {columns.took}
                </th>
                <th scope="col" className="end">
                  {columns.rows}
                </th>
                <th scope="col" className="end">
                  {columns.size}
                </th>
                <th scope="col" className="wide">
                  {columns.result}
                </th>
              </tr>
            </thead>
            <tbody>
              {cleanups.map((each) => (
                <tr key={each.startedAt}>
                  <th scope="row">{fullTime(each.startedAt, zone)}</th>
                  <td>{text.triggers[each.trigger] ?? each.trigger}</td>
                  <td className="end">
                    {each.finishedAt === null ? "–" : formatSpan(each.finishedAt - each.startedAt)}
                  </td>
                  <td className="end">{formatWhole(each.rows)}</td>
                  <td className="end">{formatSize(each.bytes)}</td>
                  <td className={each.reason === "" ? "wide" : "wide fault"}>
                    {each.reason || (each.finishedAt === null ? text.goesOn : text.done)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

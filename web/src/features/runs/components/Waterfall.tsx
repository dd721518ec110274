import { text } from "@text/runs";
import { Panel } from "@/components/ui/Panel";
import { formatSpan } from "@/lib/format";
import { waterfall } from "../report";

/** The work of a run, phase by phase, each beginning where the one before ends. */
export function Waterfall({ phasesMs }: { phasesMs: Readonly<Record<string, number>> }) {
  return (
    <Panel title={text.waterfall}>
      <table className="data waterfall">
        <thead>
          <tr>
            <th scope="col">{text.phaseName}</th>
            <th scope="col" className="end">
              {text.phaseWork}
            </th>
            <th scope="col" className="wide">
              {text.phaseBar}
            </th>
          </tr>
        </thead>
        <tbody>
          {waterfall(phasesMs).map(({ phase, part, ms, from, share }) => (
            <tr key={phase}>
              <th scope="row">{text.phases[phase] ?? phase}</th>
              <td className="end">{ms > 0 ? formatSpan(ms) : "–"}</td>
              <td className="wide">
                <div className="bar" aria-hidden="true">
                  {ms > 0 && (
                    <i
                      className={`part-${part}`}
                      style={{ left: `${from * 100}%`, width: `${share * 100}%` }}
                    />
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="nothing">{text.waterfallWhy}</p>
    </Panel>
  );
}

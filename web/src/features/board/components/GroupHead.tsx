import { memo } from "react";
import { text } from "@text/board";
import { useOddsStore } from "@/lib/store/useOdds";
import { momentOf, shortDay } from "@/lib/timezone";
import { useFocusedColumn } from "../gridFocus";
import { useRowFocus } from "../hooks/useRowFocus";
import { WATCHED } from "../rows";

interface Props {
  row: string;
  group: string;
  count: number;
  folded: boolean;
  zone: string;
  rowIndex: number;
  /** Where the group begins and how far it reaches: its head stays on screen for so long. */
  top: number;
  extent: number;
  columnTotal: number;
  onFold: (group: string) => void;
}

/** The head of a group: what its events have in common and how many there are; it folds them away. */
export const GroupHead = memo(function GroupHead(props: Props) {
  const { row, group, count, folded, zone, rowIndex, top, extent, columnTotal, onFold } = props;
  const store = useOddsStore();
  const focused = useFocusedColumn(row);
  const element = useRowFocus(row, focused < 0 ? -1 : 0);
  const name = groupName(group, zone, () => {
    for (const { competition } of store.events()) if (competition.id === group) return competition;
    return undefined;
  });
  return (
    <div className="group-extent" role="none" style={{ top, height: extent }}>
      <div
        ref={element}
        role="row"
        aria-rowindex={rowIndex}
        className={focused >= 0 ? "group-head current" : "group-head"}
        data-row={row}
      >
        <div
          role="gridcell"
          aria-colindex={1}
          aria-colspan={columnTotal}
          tabIndex={focused >= 0 ? 0 : -1}
          className="cell"
        >
          <button
            type="button"
            tabIndex={-1}
            className="toggle"
            aria-expanded={!folded}
            aria-label={text.groupRows(name, count)}
            onClick={() => {
              onFold(group);
            }}
          />
          <strong>{name}</strong>
          <span className="group-count">{text.events(count)}</span>
        </div>
      </div>
    </div>
  );
});

function groupName(
  group: string,
  zone: string,
  competition: () => { name: string; country: string } | undefined,
): string {
  if (group === WATCHED) return text.watched;
  const hour = /^\d{4}-\d\d-\d\dT(\d\d)$/.exec(group);
  const at = hour === null ? null : momentOf(`${group}:00`, zone);
  if (hour !== null && at !== null) return `${shortDay(at, zone)}, ${hour[1]!}:00`;
  const found = competition();
  if (found === undefined) return group;
  return found.country === "" ? found.name : `${found.country} · ${found.name}`;
}

import { useRef, type CSSProperties, type DragEvent, type MouseEvent, type PointerEvent } from "react";
import { text } from "@text/board";
import { clockTime } from "@/lib/timezone";
import { useLayout } from "@/lib/store/useOdds";
import { useSources } from "@/lib/store/useStatus";
import type { Layout } from "@/lib/store/layout";
import type { BoardAddress, SortKey } from "../address";
import { nextSort } from "../filters";
import type { GridPlan, LeadSegment, PriceSegment, Segment } from "../gridPlan";
import type { UpdateAddress } from "../hooks/useBoardAddress";
import type { ColumnActions } from "../hooks/useColumns";

interface Props {
  plan: GridPlan;
  sort: BoardAddress["sort"];
  zone: string;
  update: UpdateAddress;
  actions: ColumnActions;
  /** Shows a width while it is dragged; null when the dragging is over. */
  onPreview: (preview: { id: string; width: number } | null) => void;
}

const MARGIN_WIDTH = 40;

/** The two head rows: what stands in the columns, then outcomes. Heads sort, move and resize. */
export function GridHead(props: Props) {
  const { plan } = props;
  const pinned = plan.segments.filter((segment) => segment.pinned);
  const loose = plan.segments.filter((segment) => !segment.pinned);
  const row = (index: number, cell: (segment: Segment) => React.ReactNode) => (
    <div className="row" role="row" aria-rowindex={index}>
      {pinned.length > 0 && (
        <div className="pin" role="none">
          {pinned.map(cell)}
        </div>
      )}
      {loose.map(cell)}
    </div>
  );
  const firstPrice = plan.segments.find(({ kind }) => kind !== "lead")?.id;
  return (
    <div className="head" role="rowgroup">
      {row(1, (segment) => (
        <GroupCell key={segment.id} segment={segment} {...props} />
      ))}
      {row(2, (segment) =>
        segment.kind === "lead" ? (
          <LeadHead key={segment.id} segment={segment} {...props} />
        ) : (
          <OutcomeHeads key={segment.id} segment={segment} leading={segment.id === firstPrice} {...props} />
        ),
      )}
    </div>
  );
}

const span = (count: number): CSSProperties => ({ gridColumn: `span ${count}` });

function GroupCell({ segment, ...props }: { segment: Segment } & Props) {
  const layout = useLayout();
  const drag = useDrag(segment, props.actions);
  const first = segment.kind === "lead" ? "" : " first";
  return (
    <div
      role="columnheader"
      aria-colindex={segment.start + 1}
      aria-colspan={segment.span}
      className={`cell group${first}`}
      style={span(segment.span)}
      {...drag}
    >
      {segment.kind === "lead" ? (
        <span className="visually-hidden">{text.leads[segment.id]}</span>
      ) : (
        <GroupName segment={segment} layout={layout} zone={props.zone} />
      )}
      <Resizer segment={segment} {...props} />
    </div>
  );
}

function GroupName(props: { segment: PriceSegment; layout: Layout; zone: string }) {
  const { segment, layout, zone } = props;
  const sources = useSources();
  const market = layout.columns[segment.column]!.name;
  if (segment.kind === "market") return <span>{market}</span>;
  const book = layout.bookmakers[segment.bookmaker]!;
  const source = sources[book.code];
  const failing = source?.state === "down" || source?.state === "refused";
  return (
    <span className="bookmaker" data-series={segment.bookmaker + 1}>
      {book.name}
      {segment.bookmaker === layout.own && <span className="head-market"> {market}</span>}
      {failing && source.since !== null && (
        <span className="fault"> {text.since(clockTime(Date.parse(source.since), zone))}</span>
      )}
    </span>
  );
}

const SORTS: Readonly<Partial<Record<string, SortKey>>> = { ko: "ko", ev: "league", lg: "league" };

function LeadHead({ segment, ...props }: { segment: LeadSegment } & Props) {
  const label = text.leadHeads[segment.id];
  const by = SORTS[segment.id];
  const className = `lead-${segment.id}`;
  if (by !== undefined)
    return <SortHead {...props} by={by} place={segment.start + 1} {...{ className, label }} />;
  return (
    <div className={`cell ${className}`} role="columnheader" aria-colindex={segment.start + 1}>
      {label}
    </div>
  );
}

function OutcomeHeads(props: { segment: PriceSegment; leading: boolean } & Props) {
  const { segment, leading } = props;
  const outcomes = useLayout().columns[segment.column]!.outcomes;
  const last = segment.start + outcomes.length + 1;
  return (
    <>
      {outcomes.map((outcome, index) => (
        <div
          key={outcome}
          role="columnheader"
          aria-colindex={segment.start + index + 1}
          className={index === 0 ? "cell price first" : "cell price"}
          title={outcome}
        >
          <span className="outcome">{outcome}</span>
        </div>
      ))}
      {leading ? (
        <SortHead {...props} by="margin" place={last} className="margin" label={text.margin} />
      ) : (
        <div role="columnheader" aria-colindex={last} className="cell margin">
          {text.margin}
        </div>
      )}
    </>
  );
}

interface SortHeadProps extends Pick<Props, "sort" | "update"> {
  by: SortKey;
  place: number;
  label: string;
  className: string;
}

function SortHead({ by, place, label, className, sort, update }: SortHeadProps) {
  const rank = sort.findIndex(({ key }) => key === by);
  const current = sort[rank];
  const direction = current === undefined ? undefined : current.descending ? "descending" : "ascending";
  return (
    <div
      role="columnheader"
      aria-colindex={place}
      aria-sort={direction ?? "none"}
      className={`cell ${className}`}
    >
      <button
        type="button"
        tabIndex={-1}
        onClick={(event: MouseEvent) => {
          update({ sort: nextSort(sort, by, event.shiftKey) });
        }}
      >
        {label}
        {current !== undefined && (
          <i aria-hidden="true">
            {current.descending ? "↓" : "↑"}
            {sort.length > 1 && rank + 1}
          </i>
        )}
      </button>
    </div>
  );
}

/** Drag a head onto another one: the column takes its place. */
function useDrag(segment: Segment, actions: ColumnActions) {
  if (segment.id === "bn") return {};
  return {
    draggable: true,
    onDragStart: (event: DragEvent) => {
      event.dataTransfer.setData("text/plain", segment.id);
      event.dataTransfer.effectAllowed = "move";
    },
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
    },
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      actions.move(event.dataTransfer.getData("text/plain"), segment.id);
    },
  };
}

function Resizer({ segment, actions, onPreview }: { segment: Segment } & Props) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const prices = segment.kind === "lead" ? 1 : segment.span - 1;
  const widthAt = (event: PointerEvent) => {
    const { x, width } = from.current!;
    const whole = width + event.clientX - x - (segment.kind === "lead" ? 0 : MARGIN_WIDTH);
    return Math.max(40, Math.round(whole / prices));
  };
  if (segment.id === "bn") return null;
  return (
    <i
      className="resizer"
      aria-hidden="true"
      title={text.resizeColumn(segment.kind === "lead" ? text.leads[segment.id] : segment.id)}
      draggable
      onDragStart={(event) => {
        event.preventDefault(); // resizing, not moving
        event.stopPropagation();
      }}
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        const head = event.currentTarget.parentElement!.getBoundingClientRect();
        from.current = { x: event.clientX, width: head.width };
      }}
      onPointerMove={(event) => {
        if (from.current !== null) onPreview({ id: segment.id, width: widthAt(event) });
      }}
      onPointerUp={(event) => {
        if (from.current === null) return;
        const width = widthAt(event);
        const stayed = event.clientX === from.current.x;
        from.current = null;
        onPreview(null);
        if (!stayed) actions.resize(segment.id, width);
      }}
      onDoubleClick={() => {
        actions.resize(segment.id, null);
      }}
    />
  );
}

import { text } from "@text/margins";
import { seriesOf } from "@/lib/bookmakers";
import { formatMargin } from "@/lib/format";
import type { BookMargins } from "../margins";

const [WIDTH, HEIGHT] = [430, 150];
const [LEFT, RIGHT, TOP, BOTTOM] = [36, 12, 8, 20];
const DASHES = ["", "6 3", "2 3", "8 3 2 3", "1 3", "10 4", "4 2"];

interface Props {
  name: string;
  books: readonly BookMargins[];
  /** The same for all charts beside each other. */
  scale: { low: number; high: number };
}

/** A bookmaker's margin from a week before kick-off to it: a band from least to largest, and the mean as a line. */
export function BandChart({ name, books, scale }: Props) {
  const bands = text.bands.length - 1; // the last name stands at the boundary to live
  const x = (index: number) => LEFT + ((index + 0.5) / bands) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) =>
    TOP + ((scale.high - value) / (scale.high - scale.low)) * (HEIGHT - TOP - BOTTOM);
  const ticks = [scale.low, (scale.low + scale.high) / 2, scale.high];
  return (
    <svg className="band-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={name}>
      {ticks.map((value) => (
        <g key={value}>
          <line className="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(value)} y2={y(value)} />
          <text x={LEFT - 4} y={y(value) + 3} textAnchor="end">
            {formatMargin(value)}
          </text>
        </g>
      ))}
      {text.bands.slice(0, -1).map((band, index) => (
        <text key={band} x={x(index)} y={HEIGHT - 6} textAnchor="middle">
          {band}
        </text>
      ))}
      <line className="live" x1={WIDTH - RIGHT} x2={WIDTH - RIGHT} y1={TOP} y2={HEIGHT - BOTTOM} />
      <text x={WIDTH - RIGHT} y={HEIGHT - 6} textAnchor="end">
        {text.bands.at(-1)}
      </text>
      {books.map((book) => (
        <Book key={book.bookmaker} book={book} x={x} y={y} />
      ))}
    </svg>
  );
}

type Scale = (value: number) => number;

function Book({ book, x, y }: { book: BookMargins; x: Scale; y: Scale }) {
  const points = book.bands.flatMap(({ min, mean, max }, index) =>
    min === null || mean === null || max === null
      ? []
      : [{ at: x(index), min: y(min), mean: y(mean), max: y(max) }],
  );
  const series = seriesOf(book.bookmaker);
  const area = [
    ...points.map(({ at, max }) => `${at},${max}`),
    ...[...points].reverse().map(({ at, min }) => `${at},${min}`),
  ];
  return (
    <g data-series={series}>
      <polygon className="spread" points={area.join(" ")} />
      <polyline
        className="mean"
        points={points.map(({ at, mean }) => `${at},${mean}`).join(" ")}
        strokeDasharray={DASHES[series - 1]}
      />
      {points.map(({ at, mean, min, max }) => (
        <g key={at}>
          <line className="whisker" x1={at} x2={at} y1={max} y2={min} />
          <circle cx={at} cy={mean} r={2.5} />
        </g>
      ))}
    </g>
  );
}

import { text } from "@text/margins";
import { formatMargin } from "@/lib/format";
import { scaleOf } from "../margins";

const [WIDTH, HEIGHT] = [116, 18];

/** A month of daily means as one line; days without prices are gaps. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const scale = scaleOf(values);
  const known = values.filter((value) => value !== null);
  if (scale === null) return <span className="muted">{text.noSpark}</span>;
  const x = (index: number) => (index / Math.max(1, values.length - 1)) * (WIDTH - 4) + 2;
  const y = (value: number) => HEIGHT - 1 - ((value - scale.low) / (scale.high - scale.low)) * (HEIGHT - 2);
  let path = "";
  values.forEach((value, index) => {
    if (value === null) return;
    const joins = values[index - 1] != null;
    path += `${joins ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}${joins ? "" : "h0.01"}`;
  });
  return (
    <svg
      className="sparkline"
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={text.sparkOf(formatMargin(known[0]!), formatMargin(known.at(-1)!))}
    >
      <path d={path} />
    </svg>
  );
}

import "./Segmented.css";

interface Props<T extends string> {
  name: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** One of a few: buttons in a row, the chosen one pressed. */
export function Segmented<T extends string>({ name, value, options, onChange }: Props<T>) {
  return (
    <div className="segmented" role="group" aria-label={name}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => {
            onChange(option.value);
          }}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

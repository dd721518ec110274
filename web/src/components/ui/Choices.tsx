import { ChoiceList } from "./ChoiceList";
import { Popover } from "./Popover";

export interface Choice {
  value: string;
  name: string;
  hint: string;
}

interface Props {
  label: string;
  chosen: readonly string[];
  /** One entry per row and choice; equal ones are counted. */
  found: () => readonly Choice[];
  onChange: (chosen: readonly string[]) => void;
}

/** Some of what the rows have, with counts; what is chosen can be taken back, also where no row has it. */
export function Choices({ label, chosen, found, onChange }: Props) {
  return (
    <Popover
      caret
      label={chosen.length > 0 ? `${label}: ${chosen.length}` : label}
      name={label}
      active={chosen.length > 0}
    >
      {() => (
        <ChoiceList
          name={label.toLowerCase()}
          items={counted(found(), chosen)}
          chosen={chosen}
          onChange={onChange}
        />
      )}
    </Popover>
  );
}

function counted(found: readonly Choice[], chosen: readonly string[]) {
  const items = new Map<string, Choice & { count: number }>();
  for (const choice of found) {
    const item = items.get(choice.value);
    if (item === undefined) items.set(choice.value, { ...choice, count: 1 });
    else item.count++;
  }
  for (const value of chosen)
    if (!items.has(value)) items.set(value, { value, name: value, hint: "", count: 0 });
  return [...items.values()].sort((a, b) => a.name.localeCompare(b.name));
}

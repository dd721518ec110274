import { useEffect } from "react";

/** Something the command palette can do. */
export interface Command {
  name: string;
  /** What stands beside the name: a key, a place. */
  hint: string;
  run: () => void;
}

const offered = new Set<readonly Command[]>();

/** Offer commands while the component is mounted. @param commands The same list as long as it means the same. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    offered.add(commands);
    return () => {
      offered.delete(commands);
    };
  }, [commands]);
}

/** Everything that is offered now. */
export function commandsOffered(): Command[] {
  return [...offered].flat();
}

import { useId, type ReactNode } from "react";
import "./Panel.css";

interface Props {
  title: string;
  /** What stands at the end of the heading. */
  tools?: ReactNode;
  children: ReactNode;
}

/** One subject of a page under its heading. */
export function Panel({ title, tools, children }: Props) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <div className="desk-tools">{tools}</div>
      </header>
      {children}
    </section>
  );
}

/** A page of panels that scrolls, under a bar that stays. */
export function Desk({ title, tools, children }: Props) {
  return (
    <main className="desk">
      <div className="desk-bar">
        <h1>{title}</h1>
        <div className="desk-tools">{tools}</div>
      </div>
      {/* Scrollable by keyboard, also where nothing inside takes the focus. */}
      <div className="desk-body" tabIndex={0} role="region" aria-label={title}>
        {children}
      </div>
    </main>
  );
}

/** Grey lines in the place of what is on its way; nothing for the first 300 ms. */
export function Waiting({ lines = 3 }: { lines?: number }) {
  return (
    <div className="grey-lines" aria-busy="true">
      {Array.from({ length: lines }, (_, index) => (
        <i key={index} />
      ))}
    </div>
  );
}

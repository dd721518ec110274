import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import "./Popover.css";

interface Props {
  /** What the button shows. */
  label: ReactNode;
  /** What the panel is about. */
  name: string;
  /** The button's name where the label alone does not say enough; it begins with the label's words. */
  buttonName?: string;
  /** Whether the button shows that something opens under it. */
  caret?: boolean;
  /** Whether what is inside differs from the default. */
  active?: boolean;
  align?: "start" | "end";
  className?: string;
  /** Made when the panel opens. */
  children: () => ReactNode;
}

/** A button that opens a small panel under itself; Escape and a click elsewhere close it and give the focus back. */
export function Popover(props: Props) {
  const { label, name, buttonName, caret = false, active = false, align = "start" } = props;
  const { className = "button", children } = props;
  const [open, setOpen] = useState(false);
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    frame.current
      ?.querySelector<HTMLElement>("[data-panel] input, [data-panel] button, [data-panel] select")
      ?.focus();
    const pressed = (event: PointerEvent) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", pressed);
    return () => {
      document.removeEventListener("pointerdown", pressed);
    };
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div
      className="popover"
      ref={frame}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        close();
      }}
    >
      <button
        ref={button}
        type="button"
        className={active ? `${className} active` : className}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={buttonName}
        onClick={() => {
          setOpen(!open);
        }}
      >
        {label}
        {caret && <span aria-hidden="true">▾</span>}
      </button>
      {open && (
        <div className={`popover-panel ${align}`} id={id} data-panel role="group" aria-label={name}>
          {children()}
        </div>
      )}
    </div>
  );
}

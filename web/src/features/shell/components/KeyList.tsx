import { Fragment } from "react";
import { text } from "@text/shell";
import { Dialog } from "@/components/ui/Dialog";
import type { KeyHelp } from "@/lib/keys";

/** Every key of this page. */
export function KeyList({ keys, onClose }: { keys: readonly KeyHelp[]; onClose: () => void }) {
  return (
    <Dialog title={text.keys} onClose={onClose}>
      <dl className="key-list">
        {keys.map(({ caps, does }) => (
          <Fragment key={does}>
            <dt>
              {caps.map((cap) => (
                <kbd key={cap}>{cap}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}

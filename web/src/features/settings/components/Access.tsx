import { useState } from "react";
import { text } from "@text/settings";
import { Panel } from "@/components/ui/Panel";
import { fetchJson, messageOf } from "@/lib/http";
import { keyMissed, useSession } from "@/lib/session";

/** Who is logged in, where a key is needed, and the way out. */
export function Access() {
  const { required, name, scope } = useSession();
  const [refusal, setRefusal] = useState("");
  if (!required || scope === null) return null;
  const leave = async () => {
    try {
      await fetchJson("/api/session", { method: "DELETE" });
      keyMissed();
    } catch (error) {
      setRefusal(text.session.failed(messageOf(error)));
    }
  };
  return (
    <Panel title={text.session.title}>
      <div className="panel-body transfer">
        <span>{text.session.as(name ?? "", scope)}</span>
        <button type="button" className="button" onClick={() => void leave()}>
          {text.session.leave}
        </button>
        <span className="fault" role="status">
          {refusal}
        </span>
      </div>
    </Panel>
  );
}

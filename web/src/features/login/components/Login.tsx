import { useEffect, useState } from "react";
import { text } from "@text/login";
import { HttpError, messageOf } from "@/lib/http";
import type { Session } from "@/lib/session";
import { logIn } from "../api/session";
import "./Login.css";

/** Asks for a key; the address stays, so that after it the page that was asked for opens. */
export function Login({ onEnter }: { onEnter: (session: Session) => void }) {
  const [key, setKey] = useState("");
  const [state, setState] = useState({ asking: false, refusal: "" });
  useEffect(() => {
    document.title = text.title;
  }, []);
  const enter = async () => {
    setState({ asking: true, refusal: "" });
    try {
      onEnter(await logIn(key.trim()));
    } catch (error) {
      const isRefusal = error instanceof HttpError && error.status === 401;
      setState({ asking: false, refusal: isRefusal ? text.refused : text.failed(messageOf(error)) });
    }
  };
  return (
    <main className="login">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim() !== "" && !state.asking) void enter();
        }}
      >
        <h1>{text.product}</h1>
        <p>{text.why}</p>
        <label htmlFor="key">{text.key}</label>
        <input
          id="key"
          type="password"
          autoFocus
          autoComplete="current-password"
          value={key}
          aria-invalid={state.refusal !== ""}
          aria-describedby="refusal"
          onChange={({ target }) => setKey(target.value)}
        />
        <p id="refusal" className="fault" role="alert">
          {state.refusal}
        </p>
        <button type="submit" className="button primary" disabled={key.trim() === "" || state.asking}>
          {state.asking ? text.going : text.go}
        </button>
        <p className="login-hint">
          {text.where} <code>{text.command}</code>
        </p>
        <p className="login-hint">{text.stays}</p>
      </form>
    </main>
  );
}

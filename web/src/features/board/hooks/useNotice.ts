import { useCallback, useEffect, useRef, useState } from "react";

const SHOWN_MS = 5000;

/** What the Board last said about something the trader did; gone after five seconds. */
export function useNotice(): [string, (words: string) => void] {
  const [words, setWords] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  const say = useCallback((said: string) => {
    setWords(said);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setWords("");
    }, SHOWN_MS);
  }, []);
  return [words, say];
}

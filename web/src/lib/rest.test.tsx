// @vitest-environment jsdom
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { fetchJson, HttpError, NoAnswer } from "@/lib/http";
import { askAgain, clearRest, putRest, useRest } from "@/lib/rest";
import { StatusStore } from "@/lib/store/statusStore";
import { StatusStoreContext } from "@/lib/store/useStatus";

afterEach(() => {
  cleanup();
  clearRest();
  vi.useRealTimers();
});

function around(status: StatusStore) {
  return ({ children }: { children: ReactNode }) => (
    <StatusStoreContext value={status}>{children}</StatusStoreContext>
  );
}

test("an answer that does not come in time is an error that says how long was waited", async () => {
  vi.stubGlobal(
    "fetch",
    (_: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          reject(signal.reason as Error);
        });
      }),
  );
  await expect(fetchJson("/api/slow", { timeoutMs: 5 })).rejects.toThrow(NoAnswer);
  const page = new AbortController();
  const left = fetchJson("/api/slow", { signal: page.signal });
  page.abort();
  await expect(left).rejects.toMatchObject({ name: "AbortError" });
});

test("without a link an endpoint is polled, with one it is not; old data outlive an error", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const status = new StatusStore();
  let asked = 0;
  const ask = () => {
    asked++;
    return asked === 2 ? Promise.reject(new HttpError(404, "gone", null)) : Promise.resolve(asked);
  };
  const { result } = renderHook(
    () => {
      const { data, error } = useRest(["/api/thing"], ask);
      return { data, error };
    },
    { wrapper: around(status) },
  );
  await waitFor(() => {
    expect(result.current.data).toBe(1);
  });
  await act(() => vi.advanceTimersByTimeAsync(15_000));
  await waitFor(() => {
    expect([asked, result.current.data, result.current.error?.message]).toEqual([2, 1, "gone"]);
  });
  act(() => {
    status.setLink({ state: "live" });
  });
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  expect(asked).toBe(2);
});

test("what changed is asked for again, also while an older answer is under way", async () => {
  const status = new StatusStore();
  status.setLink({ state: "live" });
  const answers: ((value: string) => void)[] = [];
  const ask = () => new Promise<string>((resolve) => answers.push(resolve));
  const { result } = renderHook(() => useRest(["/api/runs", 30], ask).data, { wrapper: around(status) });
  act(() => {
    askAgain("/api/runs");
    askAgain("/api/run");
  });
  expect(answers).toHaveLength(1);
  await act(async () => {
    answers[0]!("old");
    await Promise.resolve();
  });
  await waitFor(() => {
    expect(answers).toHaveLength(2);
  });
  await act(async () => {
    answers[1]!("new");
    await Promise.resolve();
  });
  expect(result.current).toBe("new");
  act(() => putRest(["/api/runs", 30], "written"));
  expect(result.current).toBe("written");
});

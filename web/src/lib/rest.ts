import { QueryClient, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { HttpError } from "@/lib/http";
import { useLink } from "@/lib/store/useStatus";

const FRESH_MS = 10_000;
const POLL_MS = 15_000;
const TRIES = 3;

/** Make the cache of REST pages. Prices never pass through it: they live in the store. */
export function restCache(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        refetchOnWindowFocus: false,
        networkMode: "always", // a server on this machine answers without a network
        retry: (failures, error) => failures + 1 < TRIES && !isRefusal(error),
      },
    },
  });
}

/** Whether asking again cannot help: the server understood and said no. */
function isRefusal(error: Error): boolean {
  return error instanceof HttpError && error.status < 500;
}

/**
 * Return what a REST endpoint answers, kept and shared by key. What came before stays while it is asked again or when
 * that fails. While there is no live link it is asked again every 15 s; with one, the page that knows when its data
 * change calls `refetch` or invalidates the key.
 *
 * @param key The endpoint's path and its parameters. @param ask Must pass the signal on to `fetchJson`.
 */
export function useRest<T>(
  key: readonly unknown[],
  ask: (signal: AbortSignal) => Promise<T>,
  enabled = true,
): UseQueryResult<T> {
  const live = useLink().state === "live";
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => ask(signal),
    enabled,
    refetchInterval: live ? false : POLL_MS,
  });
}

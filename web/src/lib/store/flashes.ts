export const FLASH_MS = 900;
export const SWEEP_MS = 100;

export type Direction = "up" | "down";

/** Cells that are filled because they just changed; ONE interval clears them, and runs only while there are any. */
export class Flashes {
  private readonly until = new Map<string, { at: number; direction: Direction }>();
  private timer: ReturnType<typeof setInterval> | null = null;

  /** @param expired Called with the keys whose time is over. */
  constructor(private readonly expired: (keys: string[]) => void) {}

  set(key: string, direction: Direction): void {
    this.until.set(key, { at: performance.now() + FLASH_MS, direction });
    this.timer ??= setInterval(() => {
      this.sweep();
    }, SWEEP_MS);
  }

  get(key: string): Direction | null {
    return this.until.get(key)?.direction ?? null;
  }

  get size(): number {
    return this.until.size;
  }

  private sweep(): void {
    const now = performance.now();
    const over: string[] = [];
    for (const [key, { at }] of this.until) if (at <= now) over.push(key);
    for (const key of over) this.until.delete(key);
    if (this.until.size === 0 && this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
    if (over.length > 0) this.expired(over);
  }
}

/** Who wants to hear of which key. */
export class Subscriptions {
  private readonly listeners = new Map<string, Set<() => void>>();

  add(key: string, listener: () => void): () => void {
    let listening = this.listeners.get(key);
    if (listening === undefined) {
      listening = new Set();
      this.listeners.set(key, listening);
    }
    listening.add(listener);
    return () => {
      listening.delete(listener);
      if (listening.size === 0 && this.listeners.get(key) === listening) this.listeners.delete(key);
    };
  }

  has(key: string): boolean {
    return this.listeners.has(key);
  }

  keys(): IterableIterator<string> {
    return this.listeners.keys();
  }

  notify(key: string): void {
    for (const listener of this.listeners.get(key) ?? []) listener();
  }
}

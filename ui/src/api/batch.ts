// Changes of one animation frame, as one list. From: the live stream. To: whoever listens.
//
// What changes the same thing twice is kept once, and what is kept has an end: so 20,000 changes cost
// one pass over at most CHANGES_MAX, and a tab in the background holds no more than that.

export const CHANGES_MAX = 5_000;

export class Batch<Change> {
  private waiting = new Map<string, Change>();
  private overflown = false;
  private unnamed = 0;

  /** `id` names what changes; without one, each change counts. */
  add(id: string | null, change: Change): void {
    const key = id === null ? `\u0000${this.unnamed++}` : id;
    if (!this.waiting.has(key) && this.waiting.size >= CHANGES_MAX) {
      this.overflown = true;
      return;
    }
    this.waiting.set(key, change);
  }

  get isEmpty(): boolean {
    return this.waiting.size === 0 && !this.overflown;
  }

  /** All that waits, and whether some was left out. */
  take(): { changes: Change[]; overflown: boolean } {
    const taken = { changes: [...this.waiting.values()], overflown: this.overflown };
    this.waiting = new Map();
    this.overflown = false;
    this.unnamed = 0;
    return taken;
  }
}

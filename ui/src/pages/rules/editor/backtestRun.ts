// One backtest of a draft, from its start to its end or until somebody goes on typing. From: POST /backtests, then
// server-sent events. To: whoever watches it. When another backtest runs it waits and says so.
import { API_BASE, type Schemas, api, data } from '@/api/client';
import { type ProblemError, asProblem } from '@/api/problem';

export type BacktestView = Schemas['Backtest'];
export type Report = Schemas['Report'];

export interface RunState {
  phase: 'idle' | 'waiting' | 'starting' | 'running' | 'done' | 'failed';
  /** Of one. */
  progress: number;
  /** What it found so far. */
  report: Report | null;
  /** Why it waits. */
  waits: string;
  problem: ProblemError | null;
}

export const IDLE: RunState = { phase: 'idle', progress: 0, report: null, waits: '', problem: null };

const BUSY_WAIT_MS = 2_000;
const PARTIAL_EVERY_MS = 1_500;

export function progressOf({ done, total }: { done: number; total: number }): number {
  return total === 0 ? 1 : Math.min(1, done / total);
}

export class BacktestRun {
  private stopped = false;
  private ended = false;
  private id: string | null = null;
  private source: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private asked_ms = 0;

  constructor(
    private readonly body: Schemas['NewBacktest'],
    private readonly tell: (state: Partial<RunState>) => void,
  ) {}

  /** Until it runs, or is stopped, or cannot. */
  async start(): Promise<void> {
    this.say({ phase: 'starting', problem: null, progress: 0 });
    try {
      const view = await data(api.POST('/backtests', { body: this.body }) as Promise<{ data?: BacktestView }>);
      this.id = view.id;
      if (this.stopped) return void this.cancel();
      this.follow(view.id);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 429 || problem.status === 503 || problem.status === 409) this.again(problem);
      else this.say({ phase: 'failed', problem });
    }
  }

  /** Nobody wants to know any more. */
  stop(): void {
    this.stopped = true;
    this.source?.close();
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.id !== null && !this.ended) void this.cancel();
  }

  private say(state: Partial<RunState>): void {
    if (!this.stopped) this.tell(state);
  }

  private again(problem: ProblemError): void {
    this.say({ phase: 'waiting', waits: problem.detail });
    if (!this.stopped) this.timer = setTimeout(() => void this.start(), BUSY_WAIT_MS);
  }

  private async cancel(): Promise<void> {
    const { id } = this;
    if (id === null) return;
    this.ended = true;
    try {
      await api.DELETE('/backtests/{id}', { params: { path: { id } } });
    } catch {
      // It is over already, or forgotten: nothing is left to cancel.
    }
  }

  private follow(id: string): void {
    this.say({ phase: 'running', waits: '' });
    const source = new EventSource(`${API_BASE}/backtests/${id}/events`);
    this.source = source;
    const read = (event: Event) => JSON.parse((event as MessageEvent<string>).data) as BacktestView;
    source.addEventListener('progress', (event) => {
      this.say({ progress: progressOf(read(event).progress) });
      void this.partial(id);
    });
    source.addEventListener('end', (event) => {
      this.ended = true;
      source.close();
      this.finish(read(event));
    });
    source.addEventListener('error', () => {
      // The browser comes back by itself, unless it was refused.
      if (source.readyState !== EventSource.CLOSED) return;
      this.say({ phase: 'failed', problem: asProblem(new Error('its progress could not be followed')) });
    });
  }

  private async partial(id: string): Promise<void> {
    const now_ms = performance.now();
    if (now_ms - this.asked_ms < PARTIAL_EVERY_MS) return;
    this.asked_ms = now_ms;
    try {
      const view = await data(api.GET('/backtests/{id}', { params: { path: { id } } }));
      if (!this.ended && view.report) this.say({ report: view.report });
    } catch {
      // The end will tell.
    }
  }

  private finish(view: BacktestView): void {
    if (view.status === 'finished') this.say({ phase: 'done', progress: 1, report: view.report ?? null });
    else if (view.status === 'cancelled') this.say({ phase: 'failed', problem: asProblem(new Error('somebody cancelled it')) });
    else this.say({ phase: 'failed', problem: asProblem(new Error(view.error ?? 'it could not go on')) });
  }
}

// Keeps the promise that nothing is missed: knows up to which offset the store is complete, and runs what closes a gap, one
// run at a time. While a run is not finished the offset stays where it was, so that a link that breaks meanwhile loses nothing.
import { toFailure } from './failures';

const retryMs = 1_000;

export class CatchUp {
  private completeUpTo: string | undefined;
  private live: string | undefined;
  private current: Promise<void> | undefined;
  private isComplete = false;

  // `fallback` is run after one that was refused: it loads everything anew.
  constructor(
    private readonly isOnline: () => boolean,
    private readonly fallback: () => Promise<void>,
    private readonly onDone: () => void,
  ) {}

  get isDone(): boolean {
    return this.isComplete;
  }

  get offset(): string | undefined {
    return this.completeUpTo;
  }

  // The live feed has come this far.
  heard(offset: string): void {
    this.live = offset;
    if (this.isComplete) {
      this.completeUpTo = offset;
    }
  }

  run(how: () => Promise<void>): void {
    this.isComplete = false;
    const before = this.current ?? Promise.resolve();
    const current: Promise<void> = before.then(how).then(
      () => this.finished(current),
      (error: unknown) => this.failed(current, error),
    );
    this.current = current;
  }

  private finished(run: Promise<void>): void {
    if (this.current !== run) {
      return;
    }
    this.current = undefined;
    this.isComplete = true;
    this.completeUpTo = this.live ?? this.completeUpTo;
    this.onDone();
  }

  // A lost link needs nothing here: the next connect runs again.
  private failed(run: Promise<void>, error: unknown): void {
    if (this.current !== run) {
      return;
    }
    this.current = undefined;
    const { code, retryAfterMs } = toFailure(error);
    const pauseMs = code === 'RESYNC_REQUIRED' ? 0 : (retryAfterMs ?? retryMs);
    setTimeout(() => this.isOnline() && this.run(this.fallback), pauseMs);
  }
}

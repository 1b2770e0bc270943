// What was written and is not yet acknowledged. One message at a time leaves, in the order of writing. Each keeps its
// clientMessageId through all attempts, so that a repeated one is stored once.
//
//   waiting -> sending -> (acknowledged) gone
//                      -> (refused, retryable) waiting, again after a pause
//                      -> (refused for good) gone, given back through onRefused
import { RequestFailed } from './failures';
import type { Failure, Message } from './wire';

export interface Outgoing {
  peer: string;
  content: string;
  clientMessageId: string;
  writtenAt: string;
}

interface Ports {
  send: (outgoing: Outgoing) => Promise<Message>;
  onSent: (outgoing: Outgoing, message: Message) => void;
  onRefused: (outgoing: Outgoing, failure: Failure) => void;
  onChange: () => void;
}

// A server that keeps saying "later" for this many attempts is reported to the writer.
const attemptsMax = 6;
const pauseMs = 1_000;

export class Outbox {
  private readonly queue: Outgoing[] = [];
  private isRunning = false;
  private isClosed = false;

  constructor(private readonly ports: Ports) {}

  to(peer: string): Outgoing[] {
    return this.queue.filter((outgoing) => outgoing.peer === peer);
  }

  add(peer: string, content: string): void {
    this.queue.push({
      peer,
      content,
      clientMessageId: newId(),
      writtenAt: new Date().toISOString(),
    });
    this.ports.onChange();
    void this.run();
  }

  close(): void {
    this.isClosed = true;
  }

  private async run(): Promise<void> {
    if (this.isRunning) {
      return;
    }
    this.isRunning = true;
    let attempt = 1;
    while (this.queue.length > 0 && !this.isClosed) {
      const outgoing = this.queue[0]!;
      try {
        const message = await this.ports.send(outgoing);
        this.queue.shift();
        this.ports.onSent(outgoing, message);
        attempt = 1;
      } catch (error) {
        // Anything else than a refusal is a lost link or a missing answer: the same message goes again, as often as it takes.
        const failure = error instanceof RequestFailed ? error.failure : undefined;
        if (failure && (!failure.retryable || attempt >= attemptsMax)) {
          this.queue.shift();
          this.ports.onRefused(outgoing, failure);
          attempt = 1;
        } else {
          attempt += failure ? 1 : 0;
          await pause(failure?.retryAfterMs ?? pauseMs);
        }
      }
      this.ports.onChange();
    }
    this.isRunning = false;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// crypto.randomUUID() is missing on pages that are served over plain HTTP from another machine than this one.
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

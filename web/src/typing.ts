// Both directions of "is typing". It is a hint: nothing of it is stored, and a lost one does no harm.

// The server forgets a typist after 6 s; a repeat every 3 s survives one that got lost.
const repeatMs = 3_000;
const idleMs = 4_000;
// A little longer than the server's own 6 s, for the case that its "stopped" is lost.
const forgetMs = 7_000;

// Says that this person types, not more often than needed.
export class TypingSender {
  private conversationId: string | undefined;
  private lastSaidAt = 0;
  private idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly say: (conversationId: string, isTyping: boolean) => void) {}

  typed(conversationId: string): void {
    if (this.conversationId !== conversationId) {
      this.stop();
    }
    this.conversationId = conversationId;
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.stop(), idleMs);
    const now = Date.now();
    if (now - this.lastSaidAt >= repeatMs) {
      this.lastSaidAt = now;
      this.say(conversationId, true);
    }
  }

  stop(): void {
    clearTimeout(this.idleTimer);
    if (this.conversationId !== undefined) {
      this.say(this.conversationId, false);
    }
    this.sent();
  }

  // The server itself tells the others that typing has ended when the message is stored.
  sent(): void {
    clearTimeout(this.idleTimer);
    this.conversationId = undefined;
    this.lastSaidAt = 0;
  }
}

// Who types at the moment, by conversation.
export class Typists {
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly onChange: () => void) {}

  isTyping(conversationId: string): boolean {
    return this.timers.has(conversationId);
  }

  heard(conversationId: string, isTyping: boolean): void {
    clearTimeout(this.timers.get(conversationId));
    this.timers.delete(conversationId);
    if (isTyping) {
      this.timers.set(conversationId, setTimeout(() => this.heard(conversationId, false), forgetMs));
    }
    this.onChange();
  }

  clear(): void {
    this.timers.forEach((timer) => clearTimeout(timer));
    this.timers.clear();
  }
}

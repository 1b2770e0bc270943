// Tells the server what has arrived here and what has been looked at. A receipt means "all up to this one", so only the newest
// message of the other side counts, and at most one receipt per conversation is under way.
import type { Store } from './store';
import type { Conversation, Message, Watermarks } from './wire';

type Receipt = 'messageDelivered' | 'messageRead';

interface Ports {
  isOnline: () => boolean;
  isLookedAt: (conversation: Conversation) => boolean;
  send: (receipt: Receipt, message: Message) => Promise<Watermarks>;
}

export class Receipts {
  private readonly underWay = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly ports: Ports,
  ) {}

  review(): void {
    if (!this.ports.isOnline()) {
      return;
    }
    for (const conversation of this.store.conversations.values()) {
      void this.reviewOne(conversation);
    }
  }

  private async reviewOne(conversation: Conversation): Promise<void> {
    const newest = this.newestOfPeer(conversation);
    const marks = this.store.ownMarks(conversation);
    if (!newest || !marks || this.underWay.has(conversation.id)) {
      return;
    }
    const isRead = this.ports.isLookedAt(conversation);
    if (newest.seq <= (isRead ? marks.readSeq : marks.deliveredSeq)) {
      return;
    }
    this.underWay.add(conversation.id);
    try {
      const stored = await this.ports.send(isRead ? 'messageRead' : 'messageDelivered', newest);
      this.underWay.delete(conversation.id);
      this.store.advance({ conversationId: conversation.id, userId: this.store.me, ...stored });
    } catch {
      // The next change, or the next connect, asks again.
      this.underWay.delete(conversation.id);
    }
  }

  private newestOfPeer(conversation: Conversation): Message | undefined {
    const last = conversation.lastMessage;
    if (last && last.authorId !== this.store.me) {
      return last;
    }
    return this.store.threads.get(conversation.id)?.newestBy((author) => author !== this.store.me);
  }
}

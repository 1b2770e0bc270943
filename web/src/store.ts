// What one person's device knows. Every change may come twice or late (recovery, sync, a page that was asked for before), so
// each is applied such that repeating it changes nothing: messages by id, watermarks only forward.
import { Thread } from './thread';
import type { Conversation, DurableEvent, InboxPage, Message, MessageStatus, Participant } from './wire';

export class Store {
  readonly conversations = new Map<string, Conversation>();
  readonly threads = new Map<string, Thread>();
  nextInboxCursor: string | null = null;
  isInboxLoaded = false;

  private readonly listeners = new Set<() => void>();
  private isNotifying = false;

  constructor(readonly me: string) {}

  // Listeners run once for all the changes of one turn.
  subscribe(listener: () => void): void {
    this.listeners.add(listener);
  }

  changed(): void {
    if (this.isNotifying) {
      return;
    }
    this.isNotifying = true;
    queueMicrotask(() => {
      this.isNotifying = false;
      this.listeners.forEach((listener) => listener());
    });
  }

  inbox(): Conversation[] {
    const activity = (one: Conversation) => one.lastMessage?.createdAt ?? one.createdAt;
    return [...this.conversations.values()].sort(
      (a, b) => activity(b).localeCompare(activity(a)) || b.id.localeCompare(a.id),
    );
  }

  peerOf(conversation: Conversation): Participant | undefined {
    return conversation.participants.find(({ userId }) => userId !== this.me);
  }

  ownMarks(conversation: Conversation): Participant | undefined {
    return conversation.participants.find(({ userId }) => userId === this.me);
  }

  conversationWith(peer: string): Conversation | undefined {
    return this.inbox().find((conversation) => this.peerOf(conversation)?.userId === peer);
  }

  thread(conversationId: string): Thread {
    let thread = this.threads.get(conversationId);
    if (!thread) {
      thread = new Thread();
      this.threads.set(conversationId, thread);
    }
    return thread;
  }

  addInboxPage(page: InboxPage): void {
    page.conversations.forEach((conversation) => this.putConversation(conversation));
    this.nextInboxCursor = page.nextCursor;
    this.isInboxLoaded = true;
    this.changed();
  }

  // The server can no longer tell what was missed: everything is loaded anew.
  forget(): void {
    this.conversations.clear();
    this.threads.clear();
    this.nextInboxCursor = null;
    this.isInboxLoaded = false;
    this.changed();
  }

  // True for a message that was not known before.
  apply(change: DurableEvent): boolean {
    this.changed();
    switch (change.event) {
      case 'newMessage':
        return this.putMessage(change.data);
      case 'messageStatus':
        this.advance(change.data);
        return false;
      case 'conversationUpdated':
        this.putConversation(change.data);
        return false;
    }
  }

  putConversation(incoming: Conversation): void {
    const known = this.conversations.get(incoming.id);
    const isOlder = known !== undefined && known.lastSeq > incoming.lastSeq;
    this.conversations.set(incoming.id, {
      ...incoming,
      ...(isOlder && { lastSeq: known.lastSeq, lastMessage: known.lastMessage, unreadCount: known.unreadCount }),
      participants: incoming.participants.map((marks) => forward(marks, marksOf(known, marks.userId))),
    });
    this.changed();
  }

  putMessage(message: Message): boolean {
    const conversation = this.conversations.get(message.conversationId);
    const isNew = this.thread(message.conversationId).add(message);
    if (conversation && message.seq > conversation.lastSeq) {
      conversation.lastSeq = message.seq;
      conversation.lastMessage = message;
      conversation.unreadCount += message.authorId === this.me ? 0 : 1;
    }
    this.changed();
    return isNew;
  }

  advance({ conversationId, userId, deliveredSeq, readSeq }: Omit<MessageStatus, 'status'>): void {
    const conversation = this.conversations.get(conversationId);
    if (!conversation) {
      return;
    }
    conversation.participants = conversation.participants.map((marks) =>
      marks.userId === userId ? forward(marks, { userId, deliveredSeq, readSeq }) : marks,
    );
    if (userId === this.me) {
      conversation.unreadCount = this.countUnread(conversation);
    }
    this.changed();
  }

  // Exact where all messages above the read mark are loaded, otherwise never more than there can be.
  private countUnread(conversation: Conversation): number {
    const readSeq = this.ownMarks(conversation)?.readSeq ?? 0;
    const above = this.thread(conversation.id).messages.filter(({ seq }) => seq > readSeq);
    if (above.length === conversation.lastSeq - readSeq) {
      return above.filter(({ authorId }) => authorId !== this.me).length;
    }
    return Math.min(conversation.unreadCount, conversation.lastSeq - readSeq);
  }
}

function marksOf(conversation: Conversation | undefined, userId: string): Participant | undefined {
  return conversation?.participants.find((participant) => participant.userId === userId);
}

function forward(marks: Participant, other: Participant | undefined): Participant {
  return {
    userId: marks.userId,
    deliveredSeq: Math.max(marks.deliveredSeq, other?.deliveredSeq ?? 0),
    readSeq: Math.max(marks.readSeq, other?.readSeq ?? 0),
  };
}

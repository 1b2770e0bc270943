// One person on one device: the connection, the store it fills, and what the views may ask for.
//
//   offline -> connecting -> online -> (link lost, server drains) reconnecting -> online
//   connecting, reconnecting -> refused (the server does not accept the sign-in); goOnline() tries again
//   every state -> offline (goOffline())
import { CatchUp } from './catch_up';
import { openSocket, request, type ChatSocket } from './connection';
import { explain } from './failures';
import { Outbox, type Outgoing } from './outbox';
import { Receipts } from './receipts';
import { Store } from './store';
import { fetchToken } from './tokens';
import { Typists, TypingSender } from './typing';
import type { Conversation, DurableEvent, Failure, Message } from './wire';

export type ConnectionState = 'offline' | 'connecting' | 'online' | 'reconnecting' | 'refused';

export interface Refusal {
  peer: string;
  content: string;
  failure: Failure;
}

const pageSize = 30;
const resignDelayMs = 1_500;

export class Session {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly typists: Typists;
  readonly typing: TypingSender;
  state: ConnectionState = 'offline';
  refusalReason = '';

  onNewMessage: (message: Message) => void = () => {};
  onRefused: (refusal: Refusal) => void = () => {};
  isLookedAt: (conversation: Conversation) => boolean = () => false;

  private readonly socket: ChatSocket;
  private readonly receipts: Receipts;
  private readonly catchUp: CatchUp;

  constructor(readonly user: string) {
    this.store = new Store(user);
    this.typists = new Typists(() => this.store.changed());
    this.catchUp = new CatchUp(
      () => this.state === 'online',
      () => this.reload(),
      () => this.store.changed(),
    );
    this.socket = openSocket(user, () => this.catchUp.offset);
    this.outbox = new Outbox({
      send: (outgoing) => this.send(outgoing),
      onSent: (_outgoing, message) => this.store.putMessage(message),
      onRefused: ({ peer, content }, failure) => this.onRefused({ peer, content, failure }),
      onChange: () => this.store.changed(),
    });
    this.receipts = new Receipts(this.store, {
      isOnline: () => this.state === 'online' && this.catchUp.isDone,
      isLookedAt: (conversation) => this.isLookedAt(conversation),
      send: (receipt, { conversationId, id }) =>
        request(this.socket, receipt, { conversationId, messageId: id }),
    });
    this.typing = new TypingSender((conversationId, isTyping) => {
      this.socket.volatile.emit('typing', { conversationId, isTyping });
    });
    this.store.subscribe(() => this.receipts.review());
    this.listen();
  }

  goOnline(): void {
    this.enter('connecting');
    this.socket.connect();
  }

  goOffline(): void {
    this.typing.stop();
    this.socket.disconnect();
    this.enter('offline');
  }

  close(): void {
    this.outbox.close();
    this.typists.clear();
    this.socket.disconnect();
  }

  // Someone has turned to this device, or away from it.
  attentionChanged(): void {
    this.receipts.review();
  }

  async openThread(conversation: Conversation): Promise<void> {
    const thread = this.store.thread(conversation.id);
    if (!thread.isLoaded) {
      thread.addPage(await request(this.socket, 'getMessages', { conversationId: conversation.id, limit: pageSize }));
      this.store.changed();
    }
  }

  async loadEarlier(conversation: Conversation): Promise<void> {
    const thread = this.store.thread(conversation.id);
    const cursor = thread.olderCursor;
    if (cursor !== null) {
      thread.addPage(
        await request(this.socket, 'getMessages', { conversationId: conversation.id, limit: pageSize, cursor }),
      );
      this.store.changed();
    }
  }

  async loadMoreConversations(): Promise<void> {
    const cursor = this.store.nextInboxCursor;
    if (cursor !== null) {
      this.store.addInboxPage(await request(this.socket, 'getConversations', { cursor }));
    }
  }

  private async send({ peer, content, clientMessageId }: Outgoing): Promise<Message> {
    let conversation = this.store.conversationWith(peer);
    if (!conversation) {
      conversation = await request(this.socket, 'openConversation', { userId: peer });
      this.store.putConversation(conversation);
    }
    return request(this.socket, 'sendMessage', { conversationId: conversation.id, content, clientMessageId });
  }

  private listen(): void {
    const { socket } = this;
    socket.on('connect', () => this.connected());
    socket.on('disconnect', (reason) => {
      this.typists.clear();
      if (reason === 'io server disconnect') {
        this.refuse('The server ended the connection.');
      } else {
        this.enter(reason === 'io client disconnect' ? 'offline' : 'reconnecting');
      }
    });
    socket.on('connect_error', (error) => this.connectFailed(error as Error & { data?: { code?: string } }));
    socket.on('newMessage', (data) => this.received({ event: 'newMessage', data }));
    socket.on('messageStatus', (data) => this.received({ event: 'messageStatus', data }));
    socket.on('conversationUpdated', (data) => this.received({ event: 'conversationUpdated', data }));
    socket.on('typing', ({ conversationId, isTyping }) => this.typists.heard(conversationId, isTyping));
    socket.on('resyncRequired', () => this.catchUp.run(() => this.reload()));
    socket.on('tokenExpiring', () => void this.refreshToken());
    socket.onAny((_event, ...values: unknown[]) => {
      const offset = values.at(-1);
      if (typeof offset === 'string') {
        this.catchUp.heard(offset);
      }
    });
  }

  private connected(): void {
    this.enter('online');
    // Recovered: what was missed comes by itself. That does not cover what an earlier, unfinished catch-up left out.
    if (this.socket.recovered && this.catchUp.isDone) {
      return;
    }
    const { offset } = this.catchUp;
    this.catchUp.run(() => (this.store.isInboxLoaded && offset !== undefined ? this.sync(offset) : this.reload()));
  }

  private connectFailed(error: Error & { data?: { code?: string } }): void {
    if (this.socket.active) {
      this.enter('reconnecting');
      return;
    }
    // CONNECT_ERROR: the client does not come back by itself.
    const code = error.data?.code ?? 'UNAUTHENTICATED';
    this.refuse(explain({ code, message: error.message, retryable: false }));
    if (code === 'TOKEN_EXPIRED') {
      setTimeout(() => this.state === 'refused' && this.goOnline(), resignDelayMs);
    }
  }

  private received(change: DurableEvent): void {
    const isNew = this.store.apply(change);
    if (change.event !== 'newMessage') {
      return;
    }
    if (!this.store.conversations.has(change.data.conversationId) && this.catchUp.isDone) {
      // A conversation from further down the inbox than was loaded.
      this.catchUp.run(() => this.loadInbox());
    }
    if (isNew && change.data.authorId !== this.user) {
      this.onNewMessage(change.data);
    }
  }

  private async sync(since: string): Promise<void> {
    let page = await request(this.socket, 'sync', { since });
    page.events.forEach((change) => this.received(change));
    while (page.more) {
      page = await request(this.socket, 'sync', { since: page.offset });
      page.events.forEach((change) => this.received(change));
    }
  }

  private async reload(): Promise<void> {
    const opened = [...this.store.threads].filter(([, thread]) => thread.isLoaded).map(([id]) => id);
    this.store.forget();
    await this.loadInbox();
    for (const id of opened) {
      const conversation = this.store.conversations.get(id);
      if (conversation) {
        await this.openThread(conversation);
      }
    }
  }

  private async loadInbox(): Promise<void> {
    this.store.addInboxPage(await request(this.socket, 'getConversations', {}));
  }

  private async refreshToken(): Promise<void> {
    try {
      await request(this.socket, 'refreshToken', { token: await fetchToken(this.user) });
    } catch {
      // The connection then ends with the old token, and the next connect brings a new one.
    }
  }

  private refuse(reason: string): void {
    this.refusalReason = reason;
    this.enter('refused');
  }

  private enter(state: ConnectionState): void {
    this.state = state;
    this.store.changed();
  }
}

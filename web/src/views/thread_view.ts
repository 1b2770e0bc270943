// One conversation as one person sees it: who it is with, the messages, and the composer. It exists from the first time that it
// is opened, also before the conversation itself does, and keeps its draft and place while another one is shown.
import type { Session } from '../session';
import type { Conversation, Failure } from '../wire';
import { Composer } from './composer';
import { element, Rows, setText } from './dom';
import { backIcon } from './icons';
import { ThreadRow, threadItems, type ThreadItem } from './message_rows';

// Nearer to an edge than this, in pixels, counts as being there.
const nearPx = 60;

export class ThreadView {
  readonly root: HTMLElement;
  private readonly composer: Composer;
  private readonly list = element('ol', { class: 'messages' });
  private readonly rows = new Rows<ThreadItem, ThreadRow>(
    this.list,
    (item) => item.key,
    (item) => new ThreadRow(item),
    (row, item) => row.update(item),
  );
  private readonly typingLine = element('span', { class: 'typing', role: 'status' });
  private readonly hint = element('p', { class: 'hint' });
  private readonly earlier = element('button', { class: 'quiet earlier', type: 'button' }, 'Earlier messages');
  private readonly toEnd = element('button', { class: 'to-end', type: 'button' }, 'New messages');
  private readonly scroller: HTMLElement;
  private isLoading = false;
  private firstKey: string | undefined;
  private ownCount = 0;

  constructor(
    private readonly session: Session,
    private readonly peer: string,
    onBack: () => void,
  ) {
    const back = element('button', { class: 'quiet back', type: 'button', 'aria-label': 'All conversations' }, backIcon());
    back.addEventListener('click', onBack);
    this.scroller = element(
      'div',
      { class: 'scroller', tabindex: '0', role: 'group', 'aria-label': `Messages with ${peer}` },
      this.earlier,
      this.hint,
      this.list,
    );
    this.composer = new Composer(peer, {
      onSend: (text) => this.send(text),
      onInput: (hasText) => this.typed(hasText),
    });
    this.root = element(
      'section',
      { class: 'thread', 'aria-label': `Conversation with ${peer}` },
      element('header', { class: 'thread-head' }, back, element('h2', {}, peer), this.typingLine),
      element('div', { class: 'thread-body' }, this.scroller, this.toEnd),
      this.composer.root,
    );
    this.listen();
  }

  get isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < nearPx;
  }

  focus(): void {
    this.composer.focus();
  }

  giveBack(text: string, failure: Failure): void {
    this.composer.giveBack(text, failure);
  }

  // With the thread in view; also fetches what is not loaded yet.
  show(): void {
    const conversation = this.conversation();
    if (conversation && !this.session.store.thread(conversation.id).isLoaded) {
      void this.load(() => this.session.openThread(conversation));
    }
    this.render(conversation);
  }

  private render(conversation: Conversation | undefined): void {
    const { store, outbox, typists } = this.session;
    const thread = conversation && store.threads.get(conversation.id);
    const items = threadItems(
      store.me,
      thread?.isLoaded ? thread.messages : [],
      outbox.to(this.peer),
      conversation && store.peerOf(conversation),
    );
    const isTyping = conversation !== undefined && typists.isTyping(conversation.id);
    setText(this.typingLine, isTyping ? `${this.peer} is typing…` : '');
    setText(this.hint, this.hintFor(conversation, items.length));
    this.earlier.hidden = !thread?.isLoaded || thread.olderCursor === null;
    this.showKeepingPlace(items);
    this.toEnd.hidden = this.isAtEnd || !conversation?.unreadCount;
  }

  private hintFor(conversation: Conversation | undefined, itemCount: number): string {
    if (conversation && !conversation.canSend) {
      return `You and ${this.peer} are no longer connected. The messages stay.`;
    }
    return itemCount === 0 && !this.isLoading ? `No messages with ${this.peer} yet.` : '';
  }

  // At the end one stays at the end; above it, what is in view stays in view while earlier messages come in above.
  private showKeepingPlace(items: ThreadItem[]): void {
    const wasAtEnd = this.isAtEnd;
    const { scrollHeight, scrollTop } = this.scroller;
    const ownCount = items.filter(({ status }) => status === 'SENDING').length;
    const firstKey = items.find(({ kind }) => kind !== 'day')?.key;
    const grewAbove = this.firstKey !== undefined && firstKey !== this.firstKey;
    this.rows.show(items);
    if (wasAtEnd || ownCount > this.ownCount) {
      this.scrollToEnd();
    } else if (grewAbove) {
      this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - scrollHeight;
    }
    this.firstKey = firstKey;
    this.ownCount = ownCount;
  }

  private listen(): void {
    this.earlier.addEventListener('click', () => this.loadEarlier());
    this.toEnd.addEventListener('click', () => this.scrollToEnd());
    this.scroller.addEventListener('scroll', () => {
      if (this.scroller.scrollTop < nearPx) {
        this.loadEarlier();
      }
      this.toEnd.hidden ||= this.isAtEnd;
      this.session.attentionChanged();
    });
  }

  private conversation(): Conversation | undefined {
    return this.session.store.conversationWith(this.peer);
  }

  private loadEarlier(): void {
    const conversation = this.conversation();
    if (conversation && this.session.store.thread(conversation.id).olderCursor !== null) {
      void this.load(() => this.session.loadEarlier(conversation));
    }
  }

  private async load(how: () => Promise<void>): Promise<void> {
    if (this.isLoading) {
      return;
    }
    this.isLoading = true;
    try {
      await how();
    } catch {
      // Left as it is; the next scroll, or the next change, asks again.
    } finally {
      this.isLoading = false;
    }
  }

  private send(text: string): void {
    this.session.typing.sent();
    this.session.outbox.add(this.peer, text);
  }

  private typed(hasText: boolean): void {
    const conversation = this.conversation();
    if (conversation && hasText) {
      this.session.typing.typed(conversation.id);
    } else {
      this.session.typing.stop();
    }
  }

  private scrollToEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}

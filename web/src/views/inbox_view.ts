// The list of conversations of one person, newest first, and below it the people whom one could write to.
import type { Session } from '../session';
import type { Conversation } from '../wire';
import { element, Rows, setText } from './dom';
import { shortly } from './times';

interface Entry {
  peer: string;
  conversation: Conversation | undefined;
  isSelected: boolean;
}

class EntryRow {
  readonly root: HTMLLIElement;
  private readonly button = element('button', { class: 'entry', type: 'button' });
  private readonly snippet = element('span', { class: 'snippet' });
  private readonly time = element('span', { class: 'time' });
  private readonly badge = element('span', { class: 'badge' });

  constructor(
    private readonly session: Session,
    { peer }: Entry,
    select: (peer: string) => void,
  ) {
    this.button.append(
      element('span', { class: 'avatar', 'aria-hidden': 'true' }, peer.charAt(0).toUpperCase()),
      element('span', { class: 'name' }, peer),
      this.time,
      this.snippet,
      this.badge,
    );
    this.button.addEventListener('click', () => select(peer));
    this.root = element('li', {}, this.button);
  }

  update({ peer, conversation, isSelected }: Entry): void {
    const last = conversation?.lastMessage;
    const unread = conversation?.unreadCount ?? 0;
    setText(this.time, last ? shortly(last.createdAt) : '');
    setText(this.snippet, this.snippetFor(peer, conversation));
    setText(this.badge, unread > 0 ? String(unread) : '');
    this.badge.hidden = unread === 0;
    this.badge.setAttribute('aria-label', `${unread} unread`);
    this.button.toggleAttribute('data-unread', unread > 0);
    if (isSelected) {
      this.button.setAttribute('aria-current', 'true');
    } else {
      this.button.removeAttribute('aria-current');
    }
  }

  private snippetFor(peer: string, conversation: Conversation | undefined): string {
    if (!conversation) {
      return `Write to ${peer}`;
    }
    if (this.session.typists.isTyping(conversation.id)) {
      return 'is typing…';
    }
    const last = conversation.lastMessage;
    if (!last) {
      return 'No messages yet';
    }
    return last.authorId === this.session.user ? `You: ${last.content}` : last.content;
  }
}

export class InboxView {
  readonly root: HTMLElement;
  private readonly rows: Rows<Entry, EntryRow>;
  private readonly more = element('button', { class: 'quiet', type: 'button' }, 'More conversations');

  constructor(
    private readonly session: Session,
    private readonly people: readonly string[],
    select: (peer: string) => void,
  ) {
    const list = element('ul', {});
    this.rows = new Rows<Entry, EntryRow>(
      list,
      (entry) => entry.peer,
      (entry) => new EntryRow(session, entry, select),
      (row, entry) => row.update(entry),
    );
    this.more.addEventListener('click', () => {
      session.loadMoreConversations().catch(() => {
        // The button stays and can be pressed again.
      });
    });
    this.root = element('nav', { class: 'inbox', 'aria-label': `Conversations of ${session.user}` }, list, this.more);
  }

  render(selectedPeer: string | undefined): void {
    const { store } = this.session;
    const entries: Entry[] = [];
    const seen = new Set([store.me]);
    const add = (peer: string, conversation: Conversation | undefined) => {
      if (!seen.has(peer)) {
        seen.add(peer);
        entries.push({ peer, conversation, isSelected: peer === selectedPeer });
      }
    };
    for (const conversation of store.inbox()) {
      add(store.peerOf(conversation)?.userId ?? '', conversation);
    }
    this.people.forEach((person) => add(person, undefined));
    this.rows.show(entries);
    this.more.hidden = store.nextInboxCursor === null;
  }
}

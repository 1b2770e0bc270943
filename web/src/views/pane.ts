// One person's device: the bar, the inbox, and the thread that is open. Another identity means another session.
import type { Attention } from '../attention';
import { Session } from '../session';
import type { Conversation } from '../wire';
import { announce } from './announcer';
import { element } from './dom';
import { InboxView } from './inbox_view';
import { PaneBar } from './pane_bar';
import { ThreadView } from './thread_view';

export class Pane {
  readonly root: HTMLElement;
  onChange: () => void = () => {};
  private session!: Session;
  private bar!: PaneBar;
  private inbox!: InboxView;
  private threads = new Map<string, ThreadView>();
  private selectedPeer: string | undefined;
  private readonly nothingChosen = element('p', { class: 'nothing-chosen' }, 'Choose someone to write to.');

  constructor(
    user: string,
    private readonly people: readonly string[],
    private readonly attention: Attention,
  ) {
    this.root = element('section', { class: 'pane' });
    attention.watch(this.root);
    attention.subscribe(() => {
      this.root.toggleAttribute('data-active', attention.isTurnedTo(this.root));
      this.session.attentionChanged();
    });
    this.signIn(user);
  }

  get user(): string {
    return this.session.user;
  }

  get unreadCount(): number {
    return this.session.store.inbox().reduce((sum, { unreadCount }) => sum + unreadCount, 0);
  }

  private signIn(user: string): void {
    const session = new Session(user);
    this.session = session;
    this.threads = new Map();
    this.selectedPeer = undefined;
    this.bar = new PaneBar(user, this.people, {
      onIdentity: (other) => this.changeIdentity(other),
      onSwitch: (isOnline) => (isOnline ? session.goOnline() : session.goOffline()),
    });
    this.inbox = new InboxView(session, this.people, (peer) => this.open(peer));
    session.isLookedAt = (conversation) => this.isLookedAt(conversation);
    session.onNewMessage = (message) => announce(`${message.authorId} to ${user}: ${message.content}`);
    session.onRefused = ({ peer, content, failure }) => this.threadWith(peer).giveBack(content, failure);
    session.store.subscribe(() => session === this.session && this.render());
    this.root.setAttribute('aria-label', `${user}'s device`);
    this.root.dataset.user = user;
    this.root.replaceChildren(this.bar.root, element('div', { class: 'pane-body' }, this.inbox.root, this.nothingChosen));
    this.showSelected();
    session.goOnline();
  }

  private changeIdentity(user: string): void {
    this.session.close();
    this.signIn(user);
    this.root.querySelector('select')?.focus();
  }

  private open(peer: string): void {
    this.selectedPeer = peer;
    this.showSelected();
    this.threadWith(peer).focus();
    this.session.attentionChanged();
  }

  private backToInbox(): void {
    const peer = this.selectedPeer;
    this.selectedPeer = undefined;
    this.showSelected();
    this.root.querySelector<HTMLElement>('.inbox .entry')?.focus();
    if (peer !== undefined) {
      this.session.typing.stop();
    }
  }

  private threadWith(peer: string): ThreadView {
    let view = this.threads.get(peer);
    if (!view) {
      view = new ThreadView(this.session, peer, () => this.backToInbox());
      view.root.hidden = peer !== this.selectedPeer;
      this.threads.set(peer, view);
      this.root.querySelector('.pane-body')?.append(view.root);
    }
    return view;
  }

  private showSelected(): void {
    if (this.selectedPeer !== undefined) {
      this.threadWith(this.selectedPeer);
    }
    for (const [peer, view] of this.threads) {
      view.root.hidden = peer !== this.selectedPeer;
    }
    this.nothingChosen.hidden = this.selectedPeer !== undefined;
    this.root.toggleAttribute('data-thread-open', this.selectedPeer !== undefined);
    this.render();
  }

  private render(): void {
    this.bar.render(this.session);
    this.inbox.render(this.selectedPeer);
    if (this.selectedPeer !== undefined) {
      this.threads.get(this.selectedPeer)?.show();
    }
    this.onChange();
  }

  private isLookedAt(conversation: Conversation): boolean {
    const peer = this.session.store.peerOf(conversation)?.userId;
    return (
      peer !== undefined &&
      peer === this.selectedPeer &&
      this.attention.isOn(this.root) &&
      (this.threads.get(peer)?.isAtEnd ?? false)
    );
  }
}

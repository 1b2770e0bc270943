// The rows of a thread: days, messages, and those that are still on their way out.
import type { Outgoing } from '../outbox';
import type { DeliveryStatus, Message, Participant } from '../wire';
import { element, setText } from './dom';
import { clockIcon, oneTickIcon, twoTicksIcon } from './icons';
import { dayOf, timeOfDay } from './times';

type OwnStatus = DeliveryStatus | 'SENDING';

export interface ThreadItem {
  key: string;
  kind: 'day' | 'own' | 'theirs';
  text: string;
  at: string;
  status?: OwnStatus;
}

export function threadItems(
  me: string,
  messages: readonly Message[],
  outgoing: readonly Outgoing[],
  peer: Participant | undefined,
): ThreadItem[] {
  const items: ThreadItem[] = [];
  const known = new Set<string | null>();
  let day = '';
  const add = (item: ThreadItem) => {
    const itsDay = dayOf(item.at);
    if (itsDay !== day) {
      day = itsDay;
      items.push({ key: `day ${itsDay}`, kind: 'day', text: itsDay, at: item.at });
    }
    items.push(item);
  };
  for (const message of messages) {
    known.add(message.clientMessageId);
    const base = { key: message.clientMessageId ?? message.id, text: message.content, at: message.createdAt };
    add(message.authorId === me ? { ...base, kind: 'own', status: statusFor(message, peer) } : { ...base, kind: 'theirs' });
  }
  for (const one of outgoing) {
    // Its ack may still be due although the stored message has already come by another way.
    if (!known.has(one.clientMessageId)) {
      add({ key: one.clientMessageId, kind: 'own', text: one.content, at: one.writtenAt, status: 'SENDING' });
    }
  }
  return items;
}

// The reader's watermarks are newer than the status that a message had when it was loaded.
function statusFor(message: Message, peer: Participant | undefined): DeliveryStatus {
  if (!peer) {
    return message.status;
  }
  if (message.seq <= peer.readSeq) {
    return 'READ';
  }
  return message.seq <= peer.deliveredSeq ? 'DELIVERED' : 'SENT';
}

const statusWords: Record<OwnStatus, string> = {
  SENDING: 'Sending',
  SENT: 'Sent',
  DELIVERED: 'Delivered',
  READ: 'Read',
};

export class ThreadRow {
  readonly root: HTMLLIElement;
  private readonly receipt = element('span', { class: 'receipt', role: 'img' });
  private shownStatus: OwnStatus | undefined;

  constructor(item: ThreadItem) {
    if (item.kind === 'day') {
      this.root = element('li', { class: 'day' }, element('span', {}, item.text));
      return;
    }
    const time = element('time', { datetime: item.at }, timeOfDay(item.at));
    const meta = element('span', { class: 'meta' }, time);
    if (item.kind === 'own') {
      meta.append(this.receipt);
    }
    this.root = element(
      'li',
      { class: `message ${item.kind}` },
      element('span', { class: 'unseen' }, item.kind === 'own' ? 'You: ' : ''),
      element('p', { class: 'text', dir: 'auto' }, item.text),
      meta,
    );
  }

  update(item: ThreadItem): void {
    const { status } = item;
    if (status === undefined || status === this.shownStatus) {
      return;
    }
    this.shownStatus = status;
    this.receipt.dataset.status = status;
    this.receipt.setAttribute('aria-label', statusWords[status]);
    this.receipt.replaceChildren(iconFor(status));
    const time = this.root.querySelector('time');
    if (time) {
      time.dateTime = item.at;
      setText(time, timeOfDay(item.at));
    }
  }
}

function iconFor(status: OwnStatus): SVGSVGElement {
  switch (status) {
    case 'SENDING':
      return clockIcon();
    case 'SENT':
      return oneTickIcon();
    case 'DELIVERED':
    case 'READ':
      return twoTicksIcon();
  }
}

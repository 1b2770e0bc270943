// The messages of one conversation that are loaded: each once, ascending by seq, whatever order and how often they came.
import type { Message, MessagePage } from './wire';

export class Thread {
  private bySeq: Message[] = [];
  private readonly ids = new Set<string>();
  olderCursor: string | null = null;
  isLoaded = false;

  get messages(): readonly Message[] {
    return this.bySeq;
  }

  add(message: Message): boolean {
    if (this.ids.has(message.id)) {
      return false;
    }
    this.ids.add(message.id);
    let at = this.bySeq.length;
    while (at > 0 && this.bySeq[at - 1]!.seq > message.seq) {
      at -= 1;
    }
    this.bySeq.splice(at, 0, message);
    return true;
  }

  addPage(page: MessagePage): void {
    for (const message of page.messages) {
      this.add(message);
    }
    this.olderCursor = page.olderCursor;
    this.isLoaded = true;
  }

  newestBy(isAuthor: (userId: string) => boolean): Message | undefined {
    return this.bySeq.findLast((message) => isAuthor(message.authorId));
  }
}

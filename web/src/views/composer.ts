// Where a message is written, and where a refused one comes back to, with the reason.
import { explain } from '../failures';
import type { Failure } from '../wire';
import { element } from './dom';
import { sendIcon } from './icons';

interface Ports {
  onSend: (text: string) => void;
  onInput: (hasText: boolean) => void;
}

const heightMax = 160;

export class Composer {
  readonly root: HTMLFormElement;
  private readonly field: HTMLTextAreaElement;
  private readonly button: HTMLButtonElement;
  private readonly refusal = element('p', { class: 'refusal', role: 'alert' });

  constructor(
    peer: string,
    private readonly ports: Ports,
  ) {
    const fieldId = `field-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    this.field = element('textarea', {
      id: fieldId,
      rows: '1',
      placeholder: `Write to ${peer}`,
      autocomplete: 'off',
      enterkeyhint: 'send',
    });
    this.button = element('button', { class: 'send', type: 'submit', 'aria-label': 'Send' }, sendIcon());
    this.root = element(
      'form',
      { class: 'composer' },
      this.refusal,
      element('label', { class: 'unseen', for: fieldId }, `Message to ${peer}`),
      element('div', { class: 'composer-line' }, this.field, this.button),
    );
    this.listen();
    this.textChanged();
  }

  focus(): void {
    this.field.focus();
  }

  // What has been written since goes below the text that comes back.
  giveBack(text: string, failure: Failure): void {
    const since = this.field.value;
    this.field.value = since === '' ? text : `${text}\n${since}`;
    this.refusal.replaceChildren(
      element('strong', {}, 'Not sent. '),
      explain(failure),
      ' ',
      element('code', {}, failure.code),
    );
    this.textChanged();
  }

  private listen(): void {
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.submit();
      }
    });
    this.field.addEventListener('input', () => {
      this.textChanged();
      this.ports.onInput(this.field.value.trim() !== '');
    });
  }

  private submit(): void {
    const text = this.field.value;
    if (text.trim() === '') {
      return;
    }
    this.field.value = '';
    this.refusal.replaceChildren();
    this.textChanged();
    this.field.focus();
    this.ports.onSend(text);
  }

  private textChanged(): void {
    this.button.disabled = this.field.value.trim() === '';
    this.field.style.height = 'auto';
    if (this.field.scrollHeight > 0) {
      const borders = this.field.offsetHeight - this.field.clientHeight;
      this.field.style.height = `${Math.min(this.field.scrollHeight + borders, heightMax)}px`;
    }
  }
}

// On a narrow screen one pane is shown at a time; this chooses which. On a wide screen the style sheet hides it.
import type { Attention } from '../attention';
import { element, setText } from './dom';
import type { Pane } from './pane';

export class Switcher {
  private readonly buttons: { button: HTMLButtonElement; name: HTMLElement; badge: HTMLElement }[];

  constructor(
    root: HTMLElement,
    private readonly panes: readonly Pane[],
    private readonly attention: Attention,
  ) {
    this.buttons = panes.map((pane) => {
      const name = element('span', {});
      const badge = element('span', { class: 'badge' });
      const button = element('button', { type: 'button' }, name, badge);
      button.addEventListener('click', () => this.show(pane));
      return { button, name, badge };
    });
    root.append(...this.buttons.map(({ button }) => button));
    attention.subscribe(() => this.render());
    this.render();
  }

  render(): void {
    this.panes.forEach((pane, index) => {
      const { button, name, badge } = this.buttons[index]!;
      setText(name, pane.user);
      setText(badge, pane.unreadCount > 0 ? String(pane.unreadCount) : '');
      badge.hidden = pane.unreadCount === 0;
      if (this.attention.isTurnedTo(pane.root)) {
        button.setAttribute('aria-current', 'true');
      } else {
        button.removeAttribute('aria-current');
      }
    });
  }

  private show(pane: Pane): void {
    this.attention.turnTo(pane.root);
  }
}

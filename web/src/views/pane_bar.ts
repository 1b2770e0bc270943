// The top of a pane: who this is, how the connection stands, and the switch that takes the device off the network.
import type { Session } from '../session';
import { element, setText } from './dom';

interface Ports {
  onIdentity: (user: string) => void;
  onSwitch: (isOnline: boolean) => void;
}

export class PaneBar {
  readonly root: HTMLElement;
  private readonly select: HTMLSelectElement;
  private readonly state = element('span', { class: 'state', role: 'status' });
  private readonly toggle = element('button', { class: 'switch', type: 'button', role: 'switch', 'aria-label': 'Online' });

  constructor(user: string, people: readonly string[], ports: Ports) {
    this.select = element(
      'select',
      { 'aria-label': 'Signed in as' },
      ...people.map((person) => element('option', { value: person }, person)),
    );
    this.select.value = user;
    this.select.addEventListener('change', () => ports.onIdentity(this.select.value));
    this.toggle.addEventListener('click', () => ports.onSwitch(this.toggle.getAttribute('aria-checked') !== 'true'));
    this.root = element('header', { class: 'pane-bar' }, this.select, this.state, this.toggle);
  }

  render(session: Session): void {
    this.state.dataset.state = session.state;
    setText(this.state, describe(session));
    const isOn = session.state !== 'offline' && session.state !== 'refused';
    this.toggle.setAttribute('aria-checked', String(isOn));
    this.toggle.title = isOn ? 'Go offline' : 'Go online';
  }
}

function describe(session: Session): string {
  switch (session.state) {
    case 'online':
      return 'Online';
    case 'offline':
      return 'Offline';
    case 'connecting':
      return 'Connecting…';
    case 'reconnecting':
      return 'Reconnecting…';
    case 'refused':
      return `Not connected. ${session.refusalReason}`;
  }
}

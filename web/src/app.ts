// Two people side by side, each with a connection of their own: what one writes, the other sees.
import { Attention } from './attention';
import { Pane } from './views/pane';
import { Switcher } from './views/switcher';

// The people of config/connections.dev.json: alice is connected with bob and with carol, bob and carol are not connected.
const people = ['alice', 'bob', 'carol'];

const attention = new Attention();
const panes = [new Pane('alice', people, attention), new Pane('bob', people, attention)];
document.querySelector('.panes')!.append(...panes.map((pane) => pane.root));
const switcher = new Switcher(document.querySelector('.switcher')!, panes, attention);
panes.forEach((pane) => {
  pane.onChange = () => switcher.render();
});
attention.turnTo(panes[0]!.root);

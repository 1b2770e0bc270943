// Which of the panes a person looks at. Two panes in one window stand for two devices, so only the one that was touched last
// counts, and only while the window is visible and has the focus.
export class Attention {
  private current: HTMLElement | undefined;
  private readonly listeners = new Set<() => void>();

  constructor() {
    const changed = () => this.notify();
    document.addEventListener('visibilitychange', changed);
    window.addEventListener('focus', changed);
    window.addEventListener('blur', changed);
  }

  watch(pane: HTMLElement): void {
    const turnTo = () => this.turnTo(pane);
    pane.addEventListener('focusin', turnTo);
    pane.addEventListener('pointerdown', turnTo);
  }

  turnTo(pane: HTMLElement): void {
    if (this.current !== pane) {
      this.current = pane;
      this.notify();
    }
  }

  isOn(pane: HTMLElement): boolean {
    return this.current === pane && document.visibilityState === 'visible' && document.hasFocus();
  }

  // Where the person was last, even while the window is in the background.
  isTurnedTo(pane: HTMLElement): boolean {
    return this.current === pane;
  }

  subscribe(listener: () => void): void {
    this.listeners.add(listener);
  }

  private notify(): void {
    this.listeners.forEach((listener) => listener());
  }
}

// Says new messages to people who use a screen reader. The lists themselves are no live regions: earlier messages that are
// loaded while scrolling up would be read out too.
const region = () => document.getElementById('announcements');

export function announce(text: string): void {
  const target = region();
  if (target) {
    target.textContent = text;
  }
}

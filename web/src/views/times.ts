// Times as people write them, in the language of the browser.
const clockTime = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const fullDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

export function timeOfDay(iso: string): string {
  return clockTime.format(new Date(iso));
}

export function dayOf(iso: string): string {
  const date = new Date(iso);
  return isToday(date) ? 'Today' : fullDay.format(date);
}

export function shortly(iso: string): string {
  const date = new Date(iso);
  return isToday(date) ? clockTime.format(date) : dayAndMonth.format(date);
}

function isToday(date: Date): boolean {
  return date.toDateString() === new Date().toDateString();
}

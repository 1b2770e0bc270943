// Waiting for something that happens elsewhere, with an end.
import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** Resolves with the first truthy value that `probe` returns; rejects after `ms` with what was waited for. */
export async function until(what, probe, ms = 5_000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${ms} ms in vain for ${what}`);
    }
    await sleep(10);
  }
}

/** The promise's value, or a rejection that says what did not come in time. */
export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Reading a whole history page by page, and the properties that it must have.
import assert from 'node:assert/strict';

/** All messages, oldest first. */
export async function wholeHistory(client, conversationId, limit = 100) {
  let messages = [];
  let cursor;
  do {
    const page = await client.request('getMessages', { conversationId, limit, ...(cursor && { cursor }) });
    messages = [...page.messages, ...messages];
    cursor = page.olderCursor;
  } while (cursor);
  return messages;
}

export function assertDense(messages) {
  assert.deepEqual(
    messages.map(({ seq }) => seq),
    messages.map((_, index) => index + 1),
    'seq is 1, 2, 3 … without gaps',
  );
}

/** No id twice. */
export function assertOnce(messages) {
  assert.equal(new Set(messages.map(({ id }) => id)).size, messages.length, 'every message once');
}

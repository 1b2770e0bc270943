import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join, ownServer } from '../lib/fixture.mjs';
import { assertDense, wholeHistory } from '../lib/history.mjs';
import { sleep, until } from '../lib/wait.mjs';

test('the longest drain moves busy clients within 25 s, and no acked message is lost', async (t) => {
  const server = await ownServer(t, { env: { DRAIN_SECONDS: '20' } });
  const writers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => join(t, server, `writer-${index}`, { via: [index % 2 ? 'polling' : 'websocket'] })),
  );
  const acked = [];
  let isWriting = true;
  const writing = writers.map(async (writer) => {
    const { id: conversationId } = await writer.request('openConversation', { userId: 'reader' });
    while (isWriting) {
      const payload = { conversationId, content: 'busy' };
      const answer = await writer.socket.timeout(3_000).emitWithAck('sendMessage', payload).catch(() => ({ ok: false }));
      if (answer.ok) {
        acked.push(answer.data);
      }
      await sleep(20);
    }
  });
  await until('some acks', () => acked.length > 50);
  const beganAt = Date.now();
  server.process.kill('SIGTERM');
  assert.deepEqual(await server.exited, { code: 0, signal: null });
  const tookMs = Date.now() - beganAt;
  assert.ok(tookMs < 25_500, `${tookMs} ms`);
  isWriting = false;
  writers.forEach(({ disconnects }) => assert.ok(disconnects.length > 0 && !disconnects.includes('io server disconnect')));

  await server.start();
  await Promise.all(writing);
  const reader = await join(t, server, 'reader');
  const stored = new Set();
  const { conversations } = await reader.request('getConversations', { limit: 100 });
  for (const { id: conversationId, lastSeq } of conversations) {
    const history = await wholeHistory(reader, conversationId);
    assert.equal(history.length, lastSeq);
    assertDense(history);
    history.forEach(({ id }) => stored.add(id));
  }
  assert.deepEqual(acked.filter(({ id }) => !stored.has(id)), []);
});

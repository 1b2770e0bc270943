import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../integration/lib/wait.mjs';
import { pairAcross, sharedCluster } from '../lib/cluster.mjs';

const shared = sharedCluster({ env: { LOG_LEVEL: 'debug' } });

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const extraHeaders = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };

const linesOf = (node, event, wanted) =>
  node.logLines.map((line) => JSON.parse(line)).filter((line) => line.event === event && wanted(line));

test('a message can be followed by its request id from the socket to the commit to the other node', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second, { extraHeaders });
  const sent = await alice.send(conversationId, 'hello');
  await bob.event('newMessage', ({ id }) => id === sent.id);

  const ofRequest = ({ request }) => request === traceId;
  await until('the lines of the node that stored it', () => linesOf(first, 'message.committed', ofRequest).length > 0);
  assert.ok(linesOf(first, 'event.received', (line) => ofRequest(line) && line.name === 'sendMessage').length > 0);
  assert.equal(linesOf(first, 'message.committed', ofRequest)[0].message, sent.id);
  await until('a line of the node that relayed it', () => linesOf(second, 'event.relayed', ofRequest).length > 0);
});

test('a client without a trace gets one for each request', async (t) => {
  const [first, second] = shared.nodes;
  const { alice, bob, conversationId } = await pairAcross(t, first, second);
  const sent = [await alice.send(conversationId, 'one'), await alice.send(conversationId, 'two')];
  await bob.event('newMessage', ({ id }) => id === sent[1].id);
  const requests = sent.map(({ id }) => linesOf(first, 'message.committed', ({ message }) => message === id)[0]?.request);
  for (const request of requests) {
    assert.match(request, /^[0-9a-f]{32}$/);
  }
  assert.notEqual(requests[0], requests[1]);
});

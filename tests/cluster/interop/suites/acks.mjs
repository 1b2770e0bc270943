// Broadcasts that ask for an answer of every client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from '../../../integration/lib/fixture.mjs';
import { person } from './mixed.mjs';

const answering = (client, name, answer) => client.socket.on(name, (...args) => args.at(-1)(answer));

export function ackTests(shared) {
  test('emitWithAck to a room collects the answers of the clients of every member', async (t) => {
    const alice = await person(t, shared, 'alice');
    const tablet = await join(t, shared.messagingd, alice.user, { via: ['polling'] });
    const gateway = await shared.node.join(t, alice.room);
    answering(alice.client, 'who', 'phone');
    answering(tablet, 'who', { device: 'tablet' });
    answering(gateway, 'who', 'gateway');
    const began = performance.now();
    const answers = await shared.node.io.to(alice.room).timeout(4_000).emitWithAck('who', { n: 1 });
    assert.ok(performance.now() - began < 2_000, 'as soon as all have answered');
    const sorted = answers.map((answer) => JSON.stringify(answer)).sort();
    assert.deepEqual(sorted, ['"gateway"', '"phone"', '{"device":"tablet"}']);
  });

  test('a question may hold bytes; answers are text, as everything that clients send', async (t) => {
    const alice = await person(t, shared, 'alice');
    alice.client.socket.on('count', (bytes, ack) => ack([...new Uint8Array(bytes)]));
    const [answer] = await shared.node.io.to(alice.room).timeout(4_000).emitWithAck('count', Buffer.from([0, 255, 7]));
    assert.deepEqual(answer, [0, 255, 7]);
  });

  test('a string as the last argument is no offset: the answer comes all the same', async (t) => {
    const alice = await person(t, shared, 'alice');
    alice.client.socket.on('who', (text, ...rest) => rest.at(-1)(text));
    assert.deepEqual(await shared.node.io.to(alice.room).timeout(4_000).emitWithAck('who', 'text'), ['text']);
    await alice.client.goAway();
    await alice.client.comeBack();
    assert.equal(alice.client.socket.recovered, true, 'its offset is still its own');
  });

  test('who does not answer in time is missing in what the error brings', async (t) => {
    const alice = await person(t, shared, 'alice');
    await join(t, shared.messagingd, alice.user);
    answering(alice.client, 'who', 'phone');
    const outcome = await new Promise((done) => {
      shared.node.io.to(alice.room).timeout(500).emit('who', 1, (error, answers) => done({ error, answers }));
    });
    assert.ok(outcome.error instanceof Error);
    assert.deepEqual(outcome.answers, ['phone']);
  });

  test('a question that reaches nobody is answered by nobody, at once', async () => {
    const began = performance.now();
    assert.deepEqual(await shared.node.io.to('no such room').timeout(4_000).emitWithAck('who', 1), []);
    assert.ok(performance.now() - began < 2_000);
  });
}

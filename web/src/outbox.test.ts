import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestFailed } from './failures';
import { Outbox, type Outgoing } from './outbox';
import type { Failure, Message } from './wire';

const failure = (over: Partial<Failure>): Failure => ({ code: 'X', message: '', retryable: false, ...over });

/** An outbox whose server answers from a list, and what became of the messages. */
function outboxAnswering(...answers: (Failure | Error | 'ok')[]) {
  const attempts: Outgoing[] = [];
  const sent: string[] = [];
  const refused: [string, string][] = [];
  const outbox = new Outbox({
    send: async (outgoing) => {
      attempts.push(outgoing);
      const answer = answers.shift() ?? 'ok';
      if (answer === 'ok') {
        return {} as Message;
      }
      throw answer instanceof Error ? answer : new RequestFailed(answer);
    },
    onSent: ({ content }) => sent.push(content),
    onRefused: ({ content }, { code }) => refused.push([content, code]),
    onChange: () => {},
  });
  return { outbox, attempts, sent, refused };
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('messages leave one at a time, in the order of writing', async () => {
  const { outbox, sent } = outboxAnswering();
  ['one', 'two', 'three'].forEach((content) => outbox.add('bob', content));
  await until(() => sent.length === 3);
  assert.deepEqual(sent, ['one', 'two', 'three']);
  assert.deepEqual(outbox.to('bob'), []);
});

test('a refusal that can pass is tried again with the same clientMessageId, before what was written later', async () => {
  const { outbox, attempts, sent } = outboxAnswering(failure({ retryable: true, retryAfterMs: 5 }));
  outbox.add('bob', 'one');
  outbox.add('bob', 'two');
  await until(() => sent.length === 2);
  assert.deepEqual(
    attempts.map(({ content }) => content),
    ['one', 'one', 'two'],
  );
  assert.equal(attempts[0]?.clientMessageId, attempts[1]?.clientMessageId);
});

test('a refusal for good gives the message back, and the next one leaves', async () => {
  const { outbox, sent, refused } = outboxAnswering(failure({ code: 'NOT_CONNECTED' }));
  outbox.add('carol', 'one');
  outbox.add('bob', 'two');
  await until(() => sent.length === 1);
  assert.deepEqual(refused, [['one', 'NOT_CONNECTED']]);
  assert.deepEqual(sent, ['two']);
});

test('an answer that stays "later" is given back after six attempts', async () => {
  const later = failure({ code: 'OVERLOADED', retryable: true, retryAfterMs: 1 });
  const { outbox, attempts, refused } = outboxAnswering(later, later, later, later, later, later);
  outbox.add('bob', 'one');
  await until(() => refused.length === 1);
  assert.equal(attempts.length, 6);
});

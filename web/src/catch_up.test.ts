import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CatchUp } from './catch_up';
import { RequestFailed } from './failures';

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test('the offset stays where it was until the run is finished', async () => {
  let finish = () => {};
  const catchUp = new CatchUp(
    () => true,
    async () => {},
    () => {},
  );
  catchUp.run(async () => {});
  await settled();
  catchUp.heard('5');
  assert.equal(catchUp.offset, '5');

  catchUp.run(() => new Promise<void>((resolve) => (finish = resolve)));
  await settled();
  catchUp.heard('9');
  assert.equal(catchUp.offset, '5');
  assert.equal(catchUp.isDone, false);
  finish();
  await settled();
  assert.equal(catchUp.offset, '9');
  assert.equal(catchUp.isDone, true);
});

test('an offset that is too far back leads to loading everything anew', async () => {
  let loads = 0;
  const catchUp = new CatchUp(
    () => true,
    async () => {
      loads += 1;
    },
    () => {},
  );
  const tooFarBack = { code: 'RESYNC_REQUIRED', message: '', retryable: false };
  catchUp.run(() => Promise.reject(new RequestFailed(tooFarBack)));
  await settled();
  await settled();
  assert.equal(loads, 1);
  assert.equal(catchUp.isDone, true);
});

test('runs do not overlap, and only the last one completes', async () => {
  const order: string[] = [];
  const catchUp = new CatchUp(
    () => true,
    async () => {},
    () => order.push('done'),
  );
  catchUp.run(async () => void order.push('first'));
  catchUp.run(async () => void order.push('second'));
  await settled();
  assert.deepEqual(order, ['first', 'second', 'done']);
});

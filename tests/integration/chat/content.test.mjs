import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pair, sharedServer } from '../lib/fixture.mjs';

const shared = sharedServer();

const accepted = {
  'one character': 'x',
  'white space alone': ' \n\t ',
  '5000 letters': 'x'.repeat(5000),
  '5000 emoji of four bytes each, 20 000 bytes': '😀'.repeat(5000),
  '5000 hearts, each with a variation selector that counts nothing': '❤\ufe0f'.repeat(3000) + 'x'.repeat(2000),
  'a family joined with zero-width joiners': '👨‍👩‍👧‍👦',
  'text that is not in normal form': 'e\u0301 \u212b \ufb01',
  'control characters other than U+0000': '\u0001\u0007\u001b[31m\u007f\u0085',
  'quotes, backslashes and HTML': `"'\\\\ </script><b>&amp; {}[] \u2028\u2029`,
  'right-to-left text and its marks': '\u202eשלום\u202c مرحبا',
  'a byte order mark': '\ufeffx\ufeff',
  'the last code points': '\ufffe\uffff\u{10ffff}',
  'what looks like a placeholder': '{"_placeholder":true,"num":0}',
  'numbers as text': '1e400',
};

for (const [what, content] of Object.entries(accepted)) {
  test(`${what}: accepted, and comes back unchanged by ack, event and history`, async (t) => {
    const { alice, bob, conversationId } = await pair(t, shared.server);
    const sent = await alice.send(conversationId, content);
    assert.equal(sent.content, content);
    assert.equal((await bob.event('newMessage')).content, content);
    const { messages } = await bob.request('getMessages', { conversationId });
    assert.equal(messages[0].content, content);
    const { conversations } = await bob.request('getConversations', {});
    assert.equal(conversations[0].lastMessage.content, content);
  });
}

const refused = {
  'an empty text': { content: '', codes: ['VALIDATION_FAILED'] },
  '5001 letters': { content: 'x'.repeat(5001), codes: ['VALIDATION_FAILED'] },
  '5001 emoji': { content: '😀'.repeat(5001), codes: ['VALIDATION_FAILED'] },
  // 5000 characters, but 30 000 bytes.
  'more than 20 000 bytes': { content: '❤\ufe0f'.repeat(5000), codes: ['VALIDATION_FAILED'] },
  'U+0000 alone': { content: '\u0000', codes: ['INVALID_CONTENT'] },
  'U+0000 within a text': { content: 'a\u0000b', codes: ['INVALID_CONTENT'] },
  'a high surrogate alone': { content: 'a\ud800b', codes: ['INVALID_CONTENT'] },
  'a low surrogate alone': { content: '\udc00', codes: ['INVALID_CONTENT'] },
  'surrogates in the wrong order': { content: '\udc00\ud800', codes: ['INVALID_CONTENT'] },
};

for (const [what, { content, codes }] of Object.entries(refused)) {
  test(`${what}: refused with ${codes.join(' or ')}, and nothing is stored`, async (t) => {
    const { alice, conversationId } = await pair(t, shared.server);
    const error = await alice.refusal('sendMessage', { conversationId, content });
    assert.ok(codes.includes(error.code), `${error.code} is not ${codes}`);
    assert.equal(error.retryable, false);
    if (error.code === 'VALIDATION_FAILED') {
      assert.equal(error.field, 'content');
    }
    assert.deepEqual((await alice.request('getMessages', { conversationId })).messages, []);
  });
}

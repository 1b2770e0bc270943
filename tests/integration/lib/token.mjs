// JSON Web Tokens as a platform would issue them, signed with the secret that the test's server was given.
import { createHmac } from 'node:crypto';

export const secret = 'a secret for tests, longer than the 32 bytes that are needed';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Seconds since 1970, as the claims have it. */
export const secondsFromNow = (seconds) => Math.floor(Date.now() / 1000) + seconds;

export function sign(claims, { key = secret, header = { alg: 'HS256', typ: 'JWT' } } = {}) {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

export function tokenFor(user, { ttl = 3600, ...claims } = {}) {
  return sign({ sub: user, iat: secondsFromNow(0), exp: secondsFromNow(ttl), ...claims });
}

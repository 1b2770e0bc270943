// Refusals as values, and what each code means to a person.
import type { Failure } from './wire';

export class RequestFailed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

// No answer came: the request may or may not have been carried out.
export const unanswered: Failure = {
  code: 'NO_ANSWER',
  message: 'The server did not answer.',
  retryable: true,
};

export function toFailure(error: unknown): Failure {
  return error instanceof RequestFailed ? error.failure : unanswered;
}

const sentences: Record<string, string> = {
  NOT_CONNECTED: 'You two are not connected, so the message was refused.',
  INVALID_CONTENT: 'This text cannot be sent: it is empty, too long or has characters that are not allowed.',
  VALIDATION_FAILED: 'The server did not accept this.',
  CONVERSATION_NOT_FOUND: 'This conversation does not exist.',
  RATE_LIMITED: 'Too many messages in a short time. Try again in a moment.',
  AUTHZ_UNAVAILABLE: 'It could not be checked whether you two are connected. Try again in a moment.',
  UNAUTHENTICATED: 'The sign-in was not accepted.',
  TOKEN_EXPIRED: 'The sign-in has expired.',
  TOO_MANY_CONNECTIONS: 'This account is connected on too many devices.',
};

export function explain(failure: Failure): string {
  return sentences[failure.code] ?? failure.message;
}

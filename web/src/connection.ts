// One person's Socket.IO connection, set up so that nothing is lost: requests are sent again until they are answered, and the
// client's connection state recovery asks for what was missed.
import { io, type Socket } from 'socket.io-client';
import { RequestFailed } from './failures';
import { fetchToken } from './tokens';
import type { Ack, ClientEvents, Requests, ServerEvents } from './wire';

export type ChatSocket = Socket<ServerEvents, ClientEvents>;

export function openSocket(user: string, since: () => string | undefined): ChatSocket {
  const socket: ChatSocket = io({
    // Both people on the page would otherwise share one connection.
    forceNew: true,
    autoConnect: false,
    retries: 5,
    ackTimeout: 8_000,
    reconnectionDelayMax: 3_000,
    // A function, so that each connect brings a token that is still good.
    auth: (send) => {
      fetchToken(user).then(
        (token) => send({ token, since: since() }),
        // Without a token there is no CONNECT to send. The link is dropped, and the client tries again by itself.
        () => socket.io.engine.close(),
      );
    },
  });
  return socket;
}

// The client takes any ack for a success, so a refusal is told from an answer here and nowhere else.
export async function request<Name extends keyof Requests>(
  socket: ChatSocket,
  name: Name,
  payload: Requests[Name]['takes'],
): Promise<Requests[Name]['brings']> {
  const emit = socket.emitWithAck.bind(socket) as (event: string, payload: unknown) => Promise<unknown>;
  const answer = (await emit(name, payload)) as Ack<Requests[Name]['brings']>;
  if (!answer.ok) {
    throw new RequestFailed(answer.error);
  }
  return answer.data;
}

// The platform's Connections service, played by the test: it answers as it is told, and remembers who asked what.
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { freePorts } from '../../integration/lib/ports.mjs';
import { sleep } from '../../integration/lib/wait.mjs';

const protoFolder = fileURLToPath(new URL('../../../proto', import.meta.url));
const { connections } = grpc.loadPackageDefinition(
  loadSync('connections/v1/connections.proto', { includeDirs: [protoFolder], defaults: true }),
);

export class ConnectionsService {
  /** {userId, otherUserId, authorization, traceparent} of each call. */
  calls = [];

  static async start() {
    const service = new ConnectionsService();
    [service.port] = await freePorts(1);
    await service.restart();
    return service;
  }

  constructor() {
    this.say(true);
  }

  get url() {
    return `grpc://127.0.0.1:${this.port}`;
  }

  /** From now on: true, false, or the name of a gRPC status; after `delayMs`. */
  say(answer, { delayMs = 0 } = {}) {
    this.answer = answer;
    this.delayMs = delayMs;
  }

  callsAbout(...users) {
    return this.calls.filter((call) => users.includes(call.userId) && users.includes(call.otherUserId));
  }

  async isConnected({ request, metadata }, reply) {
    const [authorization] = metadata.get('authorization');
    const [traceparent] = metadata.get('traceparent');
    this.calls.push({ userId: request.userId, otherUserId: request.otherUserId, authorization, traceparent });
    const { answer, delayMs } = this;
    if (delayMs > 0) {
      await sleep(delayMs);
    }
    if (typeof answer === 'string') {
      reply({ code: grpc.status[answer], details: 'as the test told' });
    } else {
      reply(null, { connected: answer });
    }
  }

  async restart() {
    this.server = new grpc.Server();
    this.server.addService(connections.v1.ConnectionsService.service, {
      IsConnected: (call, reply) => this.isConnected(call, reply),
    });
    await new Promise((done, failed) => {
      this.server.bindAsync(`127.0.0.1:${this.port}`, grpc.ServerCredentials.createInsecure(), (error) =>
        error ? failed(error) : done(),
      );
    });
  }

  /** Gone, with all its connections; restart() brings it back. */
  stop() {
    this.server.forceShutdown();
  }

  discard() {
    this.stop();
  }
}

// A gRPC client made from the proto files of this repository, with calls as promises.
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { tokenFor } from './token.mjs';

const options = { keepCase: false, longs: Number, enums: String, defaults: true, oneofs: true };
const protoFolder = fileURLToPath(new URL('../../../proto', import.meta.url));

const { messaging } = grpc.loadPackageDefinition(
  loadSync('messaging/v1/messaging.proto', { ...options, includeDirs: [protoFolder] }),
);

// The standard health service; its proto is not in this repository.
const healthProto = {
  nested: {
    grpc: {
      nested: {
        health: {
          nested: {
            v1: {
              nested: {
                HealthCheckRequest: { fields: { service: { type: 'string', id: 1 } } },
                HealthCheckResponse: {
                  fields: { status: { type: 'ServingStatus', id: 1 } },
                  nested: { ServingStatus: { values: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } } },
                },
                Health: { methods: { Check: { requestType: 'HealthCheckRequest', responseType: 'HealthCheckResponse' } } },
              },
            },
          },
        },
      },
    },
  },
};

export const { status } = grpc;

export class GrpcClient {
  constructor(server, user, { token = user && tokenFor(user) } = {}) {
    this.stub = new messaging.v1.ConversationsService(server.grpcAddress, grpc.credentials.createInsecure());
    this.metadata = new grpc.Metadata();
    if (token !== undefined) {
      this.metadata.set('authorization', `Bearer ${token}`);
    }
  }

  /** The response, or a rejection with code, reason and domain. */
  call(method, request = {}, { deadlineMs = 10_000 } = {}) {
    return new Promise((done, failed) => {
      this.stub[method](request, this.metadata, { deadline: Date.now() + deadlineMs }, (error, response) =>
        error ? failed(withInfo(error)) : done(response),
      );
    });
  }

  /** All that a server stream brings. */
  async all(method, request = {}) {
    const stream = this.stub[method](request, this.metadata, { deadline: Date.now() + 10_000 });
    const items = [];
    try {
      for await (const item of stream) {
        items.push(item);
      }
    } catch (error) {
      throw withInfo(error);
    }
    return items;
  }

  close() {
    this.stub.close();
  }
}

export async function health(server, service) {
  const { fromJSON } = await import('@grpc/proto-loader');
  const loaded = grpc.loadPackageDefinition(fromJSON(healthProto, options));
  const stub = new loaded.grpc.health.v1.Health(server.grpcAddress, grpc.credentials.createInsecure());
  try {
    return await new Promise((done, failed) => {
      stub.check({ service }, { deadline: Date.now() + 5_000 }, (error, response) => (error ? failed(error) : done(response.status)));
    });
  } finally {
    stub.close();
  }
}

/** Adds what google.rpc.ErrorInfo in the trailing metadata says. */
function withInfo(error) {
  const [details] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (details) {
    Object.assign(error, errorInfo(Buffer.from(details)));
  }
  return error;
}

/**
 * google.rpc.Status { 3: repeated Any { 1: type_url, 2: value } } with google.rpc.ErrorInfo { 1: reason, 2: domain }: read by
 * hand, as all of its fields are length-delimited or skipped varints.
 */
function errorInfo(bytes) {
  for (const any of fieldsOf(bytes).filter(({ number }) => number === 3)) {
    const [type, value] = [1, 2].map((wanted) => fieldsOf(any.value).find(({ number }) => number === wanted)?.value);
    if (type?.toString() === 'type.googleapis.com/google.rpc.ErrorInfo') {
      const text = (wanted) => fieldsOf(value).find(({ number }) => number === wanted)?.value.toString();
      return { reason: text(1), domain: text(2) };
    }
  }
  return {};
}

function fieldsOf(bytes) {
  const fields = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        return value;
      }
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const size = varint();
    if ((key & 7) === 2) {
      fields.push({ number: key >> 3, value: bytes.subarray(at, at + size) });
      at += size;
    }
  }
  return fields;
}

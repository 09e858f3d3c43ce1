/**
 * A proxy between the real AWS SDK and the embedded DynamoDB that fails as networks and DynamoDB fail. Only writes
 * of records are hit (PutItem), as often as told.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fault =
  /** ProvisionedThroughputExceededException, before anything is written. */
  | 'throttle'
  /** InternalServerError, before anything is written. */
  | 'server-error'
  /** Never answers, and nothing is written. */
  | 'hang-before'
  /** Writes, and never answers. */
  | 'hang-after'
  /** Writes, and cuts the connection. */
  | 'cut-after'
  /** Cuts the connection at once. */
  | 'cut-before';

export interface FaultyDynamo {
  endpoint: string;
  /** The next `times` puts fail so. */
  fail(fault: Fault, times?: number): void;
  /** Every request is refused until `up`. */
  down(): void;
  up(): void;
  puts: number;
  close(): Promise<void>;
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function createFaultyDynamo(endpoint: string): Promise<FaultyDynamo> {
  const target = new URL(endpoint);
  const planned: Fault[] = [];
  let isDown = false;
  const held = new Set<ServerResponse>();

  const forward = (
    incoming: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; body: Buffer; headers: IncomingMessage['headers'] }> =>
    new Promise((resolve, reject) => {
      const sent = request(
        {
          host: target.hostname,
          port: target.port,
          method: incoming.method,
          path: incoming.url,
          headers: incoming.headers,
        },
        (answer) =>
          bodyOf(answer).then(
            (content) =>
              resolve({ status: answer.statusCode ?? 500, body: content, headers: answer.headers }),
            reject,
          ),
      );
      sent.on('error', reject);
      sent.end(body);
    });

  const server: Server = createServer(async (incoming, response) => {
    const body = await bodyOf(incoming);
    const isPut = incoming.headers['x-amz-target'] === 'DynamoDB_20120810.PutItem';
    if (isDown) {
      incoming.socket.destroy();
      return;
    }
    const fault = isPut && body.includes('"gsi3sk"') ? planned.shift() : undefined;
    if (isPut) faulty.puts += 1;
    const error = (name: string, status: number) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name }));
    };
    if (fault === 'throttle') return error('ProvisionedThroughputExceededException', 400);
    if (fault === 'server-error') return error('InternalServerError', 500);
    if (fault === 'hang-before') return void held.add(response);
    if (fault === 'cut-before') return void incoming.socket.destroy();
    const answer = await forward(incoming, body);
    if (fault === 'hang-after') return void held.add(response);
    if (fault === 'cut-after') return void incoming.socket.destroy();
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const faulty: FaultyDynamo = {
    endpoint: `http://127.0.0.1:${port}`,
    puts: 0,
    fail: (fault, times = 1) => void planned.push(...Array.from({ length: times }, () => fault)),
    down: () => {
      isDown = true;
    },
    up: () => {
      isDown = false;
      planned.length = 0;
    },
    close: async () => {
      for (const response of held) response.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return faulty;
}

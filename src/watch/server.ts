import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import { pageHtml } from '../report/page/page.js';
import { Follower, type Snapshot } from './follow.js';

export interface WatchOptions {
  /** The port to listen on; 0 for any free port. */
  readonly port: number;
  /** Called if the folder cannot be read at the moment. */
  readonly onTrouble: (message: string) => void;
}

/** A page that follows a folder. */
export interface Watch {
  readonly url: string;
  close(): Promise<void>;
}

/** Only this machine may read the page. */
const loopback = '127.0.0.1';
// Keeps idle connections from being closed.
const heartbeat = 15_000;

/**
 * Serves the page of a folder on the loopback interface and pushes every change to open browsers. A browser that lost its
 * connection reconnects by itself and gets the newest page.
 * @throws {SoapBenchError} `port_in_use` (exit code 2); as `readAnyReport` does.
 */
export async function startWatch(directory: string, { port, onTrouble }: WatchOptions): Promise<Watch> {
  const browsers = new Set<ServerResponse>();
  const push = (snapshot: Snapshot) => {
    for (const browser of browsers) browser.write(contentEvent(snapshot));
  };
  const follower = new Follower(directory, push, onTrouble);
  const server = createServer((request, response) => {
    if (!isForUs(request)) refuse(response, 403);
    else if (request.url === '/') sendPage(response, follower.snapshot);
    else if (request.url === '/events') subscribe(response, follower.snapshot, browsers);
    else refuse(response, 404);
  });
  const beat = setInterval(() => {
    for (const browser of browsers) browser.write(': still here\n\n');
  }, heartbeat);
  const close = async () => {
    follower.close();
    clearInterval(beat);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  try {
    return { url: await listen(server, port), close };
  } catch (error) {
    await close();
    throw cannotListen(port, error);
  }
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, loopback, resolve);
  });
  const address = server.address();
  return `http://${loopback}:${typeof address === 'object' ? address?.port : port}/`;
}

/** Rejects requests under other host names, so that another site cannot reach the server (DNS rebinding). */
function isForUs({ method, headers }: IncomingMessage): boolean {
  const name = headers.host?.replace(/:\d+$/, '');
  return method === 'GET' && (name === loopback || name === 'localhost');
}

/** Headers against content sniffing, caching, framing and referrers. */
function headers(type: string): Record<string, string> {
  return {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };
}

function sendPage(response: ServerResponse, snapshot: Snapshot): void {
  const { title, version, ...content } = snapshot;
  const nonce = randomBytes(16).toString('base64');
  response.writeHead(200, {
    ...headers('text/html; charset=utf-8'),
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      // Charts and tooltips have inline styles.
      "style-src 'unsafe-inline'",
      'img-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  });
  response.end(pageHtml(title, content, { events: 'events', version }, { nonce }));
}

function subscribe(response: ServerResponse, snapshot: Snapshot, browsers: Set<ServerResponse>): void {
  response.writeHead(200, headers('text/event-stream'));
  response.write(`retry: 1000\n${contentEvent(snapshot)}`);
  browsers.add(response);
  response.on('close', () => browsers.delete(response));
}

function contentEvent(snapshot: Snapshot): string {
  return `event: content\ndata: ${JSON.stringify(snapshot)}\n\n`;
}

function refuse(response: ServerResponse, status: 403 | 404): void {
  response.writeHead(status, headers('text/plain'));
  response.end(status === 403 ? 'Only for this machine.\n' : 'There is only one page: /\n');
}

function cannotListen(port: number, error: unknown): SoapBenchError {
  const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  const message = inUse ? `port ${port} is in use` : `cannot listen on port ${port}: ${messageOf(error)}`;
  return new SoapBenchError(inUse ? 'port_in_use' : 'cannot_listen', message, {
    exitCode: exitCodes.usage,
    hint: 'name another one with --port; 0 takes a free one',
    cause: error,
  });
}

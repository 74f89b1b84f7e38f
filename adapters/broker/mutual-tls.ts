import { constants, createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { X509Crl } from '#adapters/certificate-authority/x509.ts';
import { reasonOf } from '#contract/errors.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';

/** PEM texts. */
export interface ServerMaterial {
  /** Who signed the certificates of the clients. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Certificates taken back by that authority. */
  readonly crl: string;
}

export interface MutualTlsOptions {
  /** Read at the start and every minute: what it says is then in force. */
  readonly material: () => Promise<ServerMaterial>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const READ_AGAIN_MS = 60_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** After this many different refusals, further ones are not said. */
const LOGGED_LIMIT = 1_000;

/** The one common name that a client shows, verified or not; null when it shows none or several. */
const shownName = (socket: TLSSocket): string | null => {
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name.slice(0, 64) : null;
};

/** The one common name of a verified client. */
export const certifiedName = (socket: TLSSocket): string | null => (socket.authorized ? shownName(socket) : null);

const contextOf = (material: ServerMaterial): SecureContextOptions => ({
  ...material,
  minVersion: 'TLSv1.2',
  // a resumed session would be that of a certificate that may have been revoked since
  secureOptions: constants.SSL_OP_NO_TICKET,
});

const serialsOf = (crl: string): ReadonlySet<string> =>
  new Set(new X509Crl(crl).entries.map(({ serialNumber }) => serialNumber.toLowerCase()));

const fingerprint = (material: ServerMaterial): string => createHash('sha256').update(JSON.stringify(material)).digest('hex');

/** The first of each address, reason and name, so that whoever knocks all day does not fill the log. */
const createRefusalLog = (logger: Logger) => {
  const said = new Set<string>();
  return (from: string | undefined, reason: string, name: string | null = null): void => {
    const key = `${from} ${reason} ${name}`;
    if (said.size >= LOGGED_LIMIT || said.has(key)) return;
    said.add(key);
    logger.warn('broker-refused-certificate', { from, reason, name });
  };
};

/**
 * A TLS server that admits only certificates of its authority, in force and not revoked; those of a list that comes later
 * are put out within a minute. `admit` gets each socket once it is verified.
 */
export const createMutualTlsServer = async (
  { material, clock, logger }: MutualTlsOptions,
  admit: (socket: TLSSocket) => void,
) => {
  let current = await material();
  let revoked = serialsOf(current.crl);
  const say = createRefusalLog(logger);
  const sockets = new Set<TLSSocket>();
  const raw = new Set<Socket>();
  const server = createServer(
    { ...contextOf(current), requestCert: true, rejectUnauthorized: false, handshakeTimeout: HANDSHAKE_TIMEOUT_MS },
    (socket) => {
      // decided here and not by Node, which would close the socket without saying why
      if (!socket.authorized) {
        say(socket.remoteAddress, String(socket.authorizationError), shownName(socket));
        socket.destroy();
        return;
      }
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      admit(socket);
    },
  );
  server.on('connection', (socket: Socket) => {
    raw.add(socket);
    socket.once('close', () => raw.delete(socket));
  });
  server.on('tlsClientError', (thrown, socket) => {
    say(socket.remoteAddress, reasonOf(thrown));
  });

  const isRevoked = (socket: TLSSocket): boolean => revoked.has(socket.getPeerCertificate().serialNumber?.toLowerCase() ?? '');

  const takeIn = async (): Promise<void> => {
    const read = await material();
    if (fingerprint(read) === fingerprint(current)) return;
    const serials = serialsOf(read.crl);
    server.setSecureContext(contextOf(read));
    [current, revoked] = [read, serials];
    const putOut = [...sockets].filter(isRevoked);
    for (const socket of putOut) socket.destroy();
    logger.info('broker-certificates-read', { revoked: revoked.size, putOut: putOut.length });
  };

  let timer: Timer | null = null;
  let isClosed = false;
  const watch = (): void => {
    if (isClosed) return;
    timer = clock.after(READ_AGAIN_MS, () => {
      void takeIn()
        .catch((thrown: unknown) => logger.error('broker-certificates-unreadable', { reason: reasonOf(thrown) }))
        .finally(watch);
    });
  };

  return {
    server,
    watch,
    async close() {
      isClosed = true;
      timer?.cancel();
      const closed = server.listening ? once(server, 'close') : Promise.resolve();
      server.close();
      for (const socket of raw) socket.destroy();
      await closed;
    },
  };
};

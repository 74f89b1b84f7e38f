import { createServer } from 'node:net';

/** A TCP port of loopback that was free a moment ago, for programmes that cannot choose their own. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') {
        reject(new Error('The system gave no port'));
        return;
      }
      server.close(() => resolve(address.port));
    });
  });

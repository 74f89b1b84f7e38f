import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Connections that have asked nothing yet, such as those that browsers open ahead. Node counts them as busy, so that a
 * server's stop would wait a minute for a request that never comes.
 */
export const watchSilentConnections = (server: Server): { closeAll(): void } => {
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  return {
    closeAll: () => {
      for (const socket of silent) socket.destroy();
    },
  };
};

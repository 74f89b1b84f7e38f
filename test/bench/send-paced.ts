import { wireMs } from '#gateway/modbus/serial-timing.ts';
import type { SerialSpeed } from '#gateway/modbus/transport.ts';
import type { StartedPty } from '#test/services/start-pty.ts';

/** Sends no faster than the wire would, from an instant on, as `performance.now()` counts. */
export const sendPaced = (pty: StartedPty, speed: SerialSpeed, frame: Buffer, startsAtMs: number): void => {
  for (const [index, byte] of frame.entries()) pty.write(Uint8Array.of(byte), { fromMs: startsAtMs + wireMs(speed, index + 1) });
};

import type { SerialSpeed } from './transport.ts';

const START_AND_CHARACTER_BITS = 9;
/** MODBUS over Serial Line V1.02, section 2.5.1.1: 3.5 characters of silence between frames, fixed above 19,200 baud. */
const SILENCE_CHARACTERS = 3.5;
const FASTEST_PROPORTIONAL_BAUD = 19_200;
const FIXED_SILENCE_MS = 1.75;
/** Timers, and adapters that deliver by packets, are not exact. */
const SILENCE_MARGIN_MS = 2;

const characterMs = ({ baudRate, parity, stopBits }: SerialSpeed): number =>
  ((START_AND_CHARACTER_BITS + (parity === 'none' ? 0 : 1) + stopBits) * 1000) / baudRate;

/** How long so many bytes take on the wire. */
export const wireMs = (speed: SerialSpeed, bytes: number): number => bytes * characterMs(speed);

/** How long the line must have been silent before a request. */
export const silenceMs = (speed: SerialSpeed): number =>
  SILENCE_MARGIN_MS + (speed.baudRate > FASTEST_PROPORTIONAL_BAUD ? FIXED_SILENCE_MS : SILENCE_CHARACTERS * characterMs(speed));

import type { GatewayOverview } from '#contract/routes/gateway.ts';
import { type Markup, markup } from './markup.ts';
import { both } from './words.ts';

type Bus = GatewayOverview['buses'][number];
type Device = Bus['devices'][number];

const WORDS = {
  differs: ['n’est pas celui voulu', 'is not as wanted'],
  refused: ['est refusé par l’appareil', 'is refused by the device'],
} as const;

const lookedAt = (devices: readonly Device[]) =>
  devices.flatMap(({ device, failSafe }) => (failSafe === null ? [] : [{ device, ...failSafe }]));

/** Of the devices that keep a fail-safe: how many are verified. */
export const failSafeCount = (buses: readonly Bus[]): string => {
  const found = lookedAt(buses.flatMap(({ devices }) => devices));
  return `${found.filter(({ state }) => state === 'verified').length} / ${found.length}`;
};

/** Devices of a bus that would not do on their own what is wanted; nothing when all would. */
export const failSafeProblems = ({ devices }: Bus): Markup | null => {
  const lines = lookedAt(devices).flatMap(({ device, state, what }) =>
    state === 'verified'
      ? []
      : [
          markup`<li>${device} : ${both(WORDS[state])}${what === null ? null : markup` <span class="why" lang="en">${what}</span>`}</li>`,
        ],
  );
  if (lines.length === 0) return null;
  return markup`<h3>${both(['Repli sans passerelle', 'What devices do without the gateway'])}</h3><ul class="fallbacks">${lines}</ul>`;
};

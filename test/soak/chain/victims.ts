import type { Custody } from './custody.ts';
import type { Span, Victim } from './executioner.ts';
import type { Stage } from './stage.ts';

export const VICTIMS = ['gateway', 'broker', 'ingest', 'store', 'gateway-cable', 'ingest-cable'] as const;
export type VictimName = (typeof VICTIMS)[number];

export interface Lives {
  readonly life: Span;
  readonly absence: Span;
}

const cableVictim = (stage: Stage, side: 'gateway' | 'ingest'): Pick<Victim, 'takeAway' | 'bringBack'> => {
  const cable = stage.cables[side];
  let cuts = 0;
  return {
    // in turn: connections that end, and a silence that nobody is told of
    takeAway: async () => {
      cuts += 1;
      if (cuts % 2 === 1) cable.cut();
      else cable.freeze();
    },
    bringBack: async () => {
      // what was frozen has lost bytes for ever: such a connection ends
      cable.cut();
      cable.restore();
    },
  };
};

const deed = (name: VictimName, stage: Stage, custody: Custody): Pick<Victim, 'takeAway' | 'bringBack'> => {
  switch (name) {
    case 'gateway':
      return {
        takeAway: async () => {
          await stage.gateway().kill();
          await custody.gatewayKilled();
        },
        bringBack: stage.startGateway,
      };
    case 'broker':
      return { takeAway: stage.broker.kill, bringBack: stage.broker.restart };
    case 'ingest':
      return { takeAway: () => stage.ingest().kill(), bringBack: stage.startIngest };
    case 'store':
      return stage.store;
    case 'gateway-cable':
      return cableVictim(stage, 'gateway');
    case 'ingest-cable':
      return cableVictim(stage, 'ingest');
  }
};

export const victimOf = (name: VictimName, lives: Lives, stage: Stage, custody: Custody): Victim => ({
  name,
  ...lives,
  ...deed(name, stage, custody),
});

import type { Listening } from './simulated-bus.ts';

const unitLine = ({ unitId, device, profile, fictitious }: Listening['units'][number]): string =>
  `  ${String(unitId).padStart(4)}  ${device.padEnd(22)}  ${profile}${fictitious ? '  (fictitious product)' : ''}`;

const siteLines = ({ site, host, port, units }: Listening): string[] => [
  `${site}: Modbus TCP on ${host}:${port}`,
  '  unit  device                  register map',
  ...units.map(unitLine),
  '',
];

const tryLines = ([street, building]: readonly Listening[]): string[] => {
  if (street === undefined || building === undefined) return [];
  const on = ({ host, port }: Listening, unitId: number, rest: string, value = ''): string =>
    `  mbpoll -m tcp -p ${port} -a ${unitId} -0 ${rest} ${host}${value}`;
  return [
    'Try (mbpoll; -0 counts addresses from 0, -B puts the most significant word first):',
    `${on(street, 3, '-r 25036 -t 4:int -B -1')}        power of luminaire-01, W`,
    `${on(street, 3, '-r 15 -t 4', ' 40')}                   luminaire-01 to 40 %`,
    `${on(street, 3, '-r 6800 -t 4', ' 0')}                  every luminaire off`,
    `${on(street, 1, '-r 40 -t 3:int -1')}              power of the street, 0.1 W`,
    `${on(building, 17, '-r 12 -t 3:float -B -1')}       power of flat 7, W`,
    `${on(building, 40, '-r 6 -t 0', ' 0')}                  opens the relay of flat 7’s tank`,
    '',
  ];
};

/** What a person reads when the field is up: its units, and commands to try. */
export const describeListening = (listening: readonly Listening[]): string =>
  [
    'SIMULATED FIELD: no measurement below comes from the real world.',
    '',
    ...listening.flatMap(siteLines),
    ...tryLines(listening),
  ].join('\n');

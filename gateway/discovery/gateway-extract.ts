import { lineAddress, type ModbusLine } from '#gateway/modbus/transport.ts';
import type { FoundUnit } from './discover.ts';
import { wordOrderOf } from './profile-layout.ts';
import type { Proposal } from './propose-profile.ts';

const speedLines = ({ baudRate, parity, stopBits }: Exclude<ModbusLine, { readonly kind: 'tcp' }>): readonly string[] => [
  `baudRate: ${baudRate}`,
  `parity: ${parity}`,
  `stopBits: ${stopBits}`,
];

const lineLines = (line: ModbusLine): readonly string[] => {
  switch (line.kind) {
    case 'tcp':
      return ['kind: tcp', `host: ${JSON.stringify(line.host)}`, `port: ${line.port}`];
    case 'rtu-over-tcp':
      return ['kind: rtu-over-tcp', `host: ${JSON.stringify(line.host)}`, `port: ${line.port}`, ...speedLines(line)];
    case 'rtu':
      return ['kind: rtu', `path: ${JSON.stringify(line.path)}`, ...speedLines(line)];
  }
};

/** What a page would have to say otherwise, or null when it fits as it is. */
export const changeOfPage = ({ profile, layout }: Proposal): string | null => {
  const changes = [
    layout.isSwapped ? `wordOrder: ${wordOrderOf(profile, layout) ?? ''} for its values of several registers` : null,
    layout.offset === 0 ? null : `every address ${layout.offset === 1 ? 'one higher' : 'one lower'}`,
  ].filter((change) => change !== null);
  return changes.length === 0 ? null : changes.join(' and ');
};

const entryOf = ({ unitId, proposals }: FoundUnit): string => {
  const best = proposals?.[0];
  if (best === undefined) return `# unit ${unitId}: no page fits; docs/add-a-device.md makes one`;
  const { profile } = best;
  const change = changeOfPage(best);
  if (change !== null) return `# unit ${unitId}: copy ${profile.profile}.yaml under another name, with ${change}`;
  const channel = profile.channels === undefined ? '' : ', channel: 0';
  const more = profile.channels === undefined ? '' : ` # one such line for each channel in use, ${profile.channels} at most`;
  return `- { device: device-${unitId}, profile: ${profile.profile}, unitId: ${unitId}${channel}, point: point-${unitId} }${more}`;
};

const busOf = (units: readonly FoundUnit[], index: number): readonly string[] => {
  const line = units[0]?.line;
  const entries = units.map(entryOf);
  if (line === undefined || entries.every((entry) => entry.startsWith('#'))) return entries.map((entry) => `  ${entry}`);
  return [
    `  - id: bus-${index + 1}`,
    ...lineLines(line).map((each) => `    ${each}`),
    '    devices:',
    ...entries.map((entry) => `      ${entry}`),
  ];
};

const wayOf = (line: ModbusLine): string => [lineAddress(line), ...(line.kind === 'tcp' ? [] : speedLines(line))].join(' ');

/** The buses of a gateway's file, with identifiers that a person changes; empty when nothing was found. */
export const gatewayExtract = (units: readonly FoundUnit[]): string => {
  if (units.length === 0) return '';
  const ways = [...Map.groupBy(units, ({ line }) => wayOf(line)).values()];
  return ['buses:', ...ways.flatMap(busOf)].join('\n');
};

import { QUANTITIES } from '#contract/quantities.ts';
import type { FoundUnit } from '#gateway/discovery/discover.ts';
import { changeOfPage, gatewayExtract } from '#gateway/discovery/gateway-extract.ts';
import { isTelling } from '#gateway/discovery/plausibility.ts';
import { CONVINCING, type Proposal, type ReadQuantity } from '#gateway/discovery/propose-profile.ts';
import { lineAddress, type ModbusLine } from '#gateway/modbus/transport.ts';

const SHOWN_DIGITS = 4;
const PARITY_LETTER = { none: 'N', even: 'E', odd: 'O' } as const;

/** `/dev/ttyUSB0 at 9600 8N1`. */
export const lineWords = (line: ModbusLine): string =>
  line.kind === 'tcp'
    ? lineAddress(line)
    : `${lineAddress(line)} at ${line.baudRate} 8${PARITY_LETTER[line.parity]}${line.stopBits}`;

export const durationWords = (milliseconds: number): string => {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

const named = (label: string, quantities: readonly ReadQuantity[]): readonly string[] =>
  quantities.length === 0 ? [] : [`${label}: ${quantities.map(({ quantity }) => quantity).join(', ')}`];

const isPlausible = ({ evidence }: ReadQuantity): boolean => evidence.earned > 0;

/** Why a profile was proposed, and what speaks against it. */
export const whyWords = (proposal: Proposal): string => {
  const { quantities, score, isNamed } = proposal;
  const plausible = quantities.filter(isPlausible);
  const shown = plausible
    .filter(({ quantity }) => isTelling(quantity))
    .map(({ quantity, value }) => `${Number(value?.toPrecision(SHOWN_DIGITS))} ${QUANTITIES[quantity].unit}`);
  const change = changeOfPage(proposal);
  return [
    ...(isNamed ? ['it says so itself'] : []),
    ...(change === null ? [] : [`with ${change}`]),
    ...shown,
    `${plausible.length} of ${quantities.length} plausible`,
    ...named(
      'refused',
      quantities.filter(({ isAnswered }) => !isAnswered),
    ),
    ...named(
      'implausible',
      quantities.filter((each) => each.isAnswered && !isPlausible(each)),
    ),
    ...(score < CONVINCING ? ['little to go by'] : []),
  ].join('; ');
};

const alike = ([best, ...others]: readonly Proposal[]): readonly string[] =>
  others.filter(({ score }) => score === best?.score).map(({ profile }) => profile.profile);

const identityWords = ({ identification }: FoundUnit): string =>
  identification === null
    ? '-'
    : [identification.vendor, identification.product, identification.revision].filter((each) => each !== null).join(' ') || '-';

const rowOf = (unit: FoundUnit): readonly string[] => {
  const begin = [String(unit.unitId), `${Math.round(unit.responseMs)} ms`, identityWords(unit)];
  const { proposals } = unit;
  if (proposals === null) return [...begin, '-', '-', 'aborted before it was read'];
  const [best] = proposals;
  if (best === undefined) return [...begin, '-', '-', 'no page fits; docs/add-a-device.md'];
  const others = alike(proposals);
  const doubt = others.length === 0 ? [] : [`reads the same as ${others.join(', ')}`];
  return [...begin, best.profile.profile, `${Math.round(best.score * 100)} %`, [whyWords(best), ...doubt].join('; ')];
};

const COLUMNS = ['unit', 'answers in', 'says it is', 'profile', 'score', 'why'];

const tableOf = (rows: readonly (readonly string[])[]): string => {
  const widths = COLUMNS.map((_each, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const SILENT_LINE = `No unit answered. Check that the line is powered, A and B not exchanged, the speed and the parity; a unit set to
another speed says nothing. Over TCP: whether the device speaks Modbus TCP or RTU over TCP.`;

/** A unit number from which bytes came that are no answer. */
export interface UnclearUnit {
  readonly unitId: number;
  readonly reason: string;
}

export const unclearWords = ({ unitId, reason }: UnclearUnit): string => `unit ${unitId}: bytes that are no answer (${reason})`;

const UNCLEAR_CAUSES = 'Two units with one number, another speed or parity, noise, or another master on the line.';

const foundWords = (units: readonly FoundUnit[]): string =>
  `${tableOf([COLUMNS, ...units.map(rowOf)])}

For the gateway's file. Choose identifiers, add privacy: dwelling to a dwelling's meter, and compare each value with the
device's display:

${gatewayExtract(units)}`;

/** What a scan found, for a person: what was unclear, a table, then the extract for the gateway's file. */
export const scanReport = (units: readonly FoundUnit[], unclear: readonly UnclearUnit[]): string => {
  const doubts = unclear.length === 0 ? [] : [[...unclear.map(unclearWords), UNCLEAR_CAUSES].join('\n')];
  if (units.length > 0) return [...doubts, foundWords(units)].join('\n\n');
  return doubts.length > 0 ? doubts.join('\n') : SILENT_LINE;
};

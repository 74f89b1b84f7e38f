import { sealDocument } from '#contract/messages/documents.ts';
import type { Status } from '#contract/messages/status.ts';
import type { Reading } from '#contract/messages/telemetry.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { GatewayConfiguration } from '#gateway/index.ts';
import { type Bench, openBench, testConfiguration } from './gateway-under-test.ts';
import { type ScriptedField, startScriptedField } from './scripted-field.ts';

/** A lamp of the scripted field, as the centre says it. */
export const lamp = (number: number) => ({
  device: `lamp-${number}`,
  profile: 'intesis-in703-d4i',
  unitId: 3,
  channel: number - 1,
  point: `point-lamp-${number}`,
  privacy: 'operational',
  readOnly: false,
});

/** A meter of the scripted field, at unit 11 or 12. */
export const meter = (device: string, unitId: number, parts: object = {}) => ({
  ...{ device, profile: 'eastron-sdm120', unitId, point: `point-${unitId}`, privacy: 'operational', readOnly: false },
  ...parts,
});

/** As the centre would publish it, right or wrong. */
export const said = (revision: number, devices: readonly object[], parts: object = {}) =>
  sealDocument({ revision, buses: [{ bus: 'bus-centre', devices }], groups: [], profiles: {}, ...parts });

/** A bench with a line whose lamps and meters are the centre's, and whose cabinet is the file's. */
export interface CommissionedGateway {
  readonly bench: Bench;
  readonly field: ScriptedField;
  configuration(): GatewayConfiguration;
  send(revision: number, devices: readonly object[], parts?: object): Promise<void>;
  online(): Status & { readonly state: 'online' };
  /** Resolves when the gateway says that a revision is in force. */
  applied(revision: number): Promise<void>;
  refusal(): { readonly revision: number | null; readonly code: string; readonly why: string } | undefined;
  readingsOf(point: string): readonly Reading[];
  /** Value and quality of the register, reading by reading. */
  registersOf(point: string): readonly (readonly [number | null | undefined, string])[];
  /** Devices of which the broker keeps a birth. */
  births(): readonly string[];
  /** Requests that reached a unit. */
  asked(unitId: number): number;
  /** Puts something between the gateway and its shelf; what it gives back takes it away. */
  intercept(between: (name: string, put: () => Promise<void>) => Promise<void>): () => void;
  close(): Promise<void>;
}

const configurationOn = (port: number): GatewayConfiguration => {
  const line = { host: '127.0.0.1', port };
  const cabinet = { device: 'cabinet', profile: 'axone-demo-cabinet', unitId: 2, point: 'point-cabinet' };
  const buses = [
    { id: 'bus-centre', ...line, devicesFrom: 'centre' },
    { id: 'bus-file', ...line, devices: [cabinet] },
  ];
  return testConfiguration(port, { buses, groups: [] });
};

const interceptShelf = (
  shelf: { put: DocumentShelf['put'] },
  between: Parameters<CommissionedGateway['intercept']>[0],
): (() => void) => {
  const { put } = shelf;
  const original = put.bind(shelf);
  shelf.put = (name, text) => between(name, () => original(name, text));
  return () => {
    shelf.put = put;
  };
};

export const openCommissioned = async (): Promise<CommissionedGateway> => {
  const bench = await openBench();
  const field = await startScriptedField();
  const online = (): Status & { readonly state: 'online' } => {
    const status = bench.centre.statuses.at(-1);
    if (status?.state !== 'online') throw new Error('no status');
    return status;
  };
  const readingsOf = (point: string) =>
    bench.centre.telemetry.flatMap(({ readings }) => readings).filter((reading) => reading.point === point);
  return {
    bench,
    field,
    configuration: () => configurationOn(field.server.port),
    send: (revision, devices, parts) => bench.centre.document('devices', said(revision, devices, parts)),
    online,
    applied: (revision) => bench.advanceUntil(`revision ${revision}`, () => online().applied.devices === revision),
    refusal: () => online().refused?.find(({ document }) => document === 'devices'),
    readingsOf,
    registersOf: (point) =>
      readingsOf(point).map(({ values, quality }) => [values.energyImportedWh, quality?.energyImportedWh ?? 'measured']),
    births: () => [...bench.centre.kept.keys()].flatMap((topic) => /devices\/(.+)\/birth$/.exec(topic)?.[1] ?? []).sort(),
    asked: (unitId) => field.server.requests.filter((request) => request.unitId === unitId).length,
    intercept: (between) => interceptShelf(bench.shelf, between),
    close: async () => {
      await bench.close();
      await field.server.close();
    },
  };
};

import { z } from 'zod';
import { timeZoneField } from '#contract/messages/fields.ts';

const port = z.int().min(0).max(65_535);
const host = z.string().min(1).max(253);
/** A path relative to the configuration file. */
const file = z.string().min(1).max(1024);

/** The door of the embedded broker for gateways elsewhere, who show a certificate. Its files are read again every minute. */
const tlsField = z.strictObject({
  host,
  port: port.default(8883),
  /** The authority that signed the gateways' certificates. */
  caFile: file,
  certificateFile: file,
  keyFile: file,
  /** Its list of revocations. */
  revokedFile: file,
});

/** The broker inside the process, with its own credentials, or a real one. */
const brokerField = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('embedded'),
    host: host.default('127.0.0.1'),
    port: port.default(0),
    tls: tlsField.optional(),
  }),
  z
    .strictObject({
      kind: z.literal('mqtt'),
      url: z.url({ protocol: /^mqtts?$/ }),
      /** One file a client, named as its user. */
      passwordFolder: file.optional(),
      /** One folder a client, as `ca enrol` or `ca request` leaves it: certificate.pem, key.pem and root.pem. */
      identityFolder: file.optional(),
    })
    .refine(({ passwordFolder, identityFolder }) => (passwordFolder === undefined) !== (identityFolder === undefined), {
      path: ['passwordFolder'],
      error: 'either passwordFolder or identityFolder is wanted',
    })
    .refine(({ url, identityFolder }) => identityFolder === undefined || url.startsWith('mqtts:'), {
      path: ['url'],
      error: 'certificates want an address such as mqtts://broker.example:8883',
    }),
]);

const storeField = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sqlite') }),
  z.strictObject({
    kind: z.literal('influxdb'),
    url: z.url({ protocol: /^https?$/ }),
    database: z.string().regex(/^\w+$/).default('axone'),
    dwellingDatabase: z.string().regex(/^\w+$/).default('axone_dwellings'),
    /** 2 and 3 write by another path and know whoever comes by a token; only 1 was run. */
    generation: z.literal([1, 2, 3]).default(1),
    /** Of 1. */
    username: z.string().optional(),
    passwordFile: file.optional(),
    /** Of 2. */
    organisation: z.string().min(1).optional(),
    /** Of 2 and 3. */
    tokenFile: file.optional(),
  }),
]);

const registryField = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sqlite') }),
  z.strictObject({
    kind: z.literal('postgresql'),
    /** Address, user and database; the password is in its file. */
    url: z
      .url({ protocol: /^postgres(ql)?$/ })
      .refine((url) => new URL(url).password === '', 'the password belongs in passwordFile'),
    passwordFile: file.optional(),
  }),
]);

/**
 * The whole platform in one file. Each key has one owner: what is here is not asked anywhere else, and a command-line
 * option or a variable replaces a key only where its description says so.
 */
export const configurationSchema = z
  .strictObject({
    /** `simulated`: the street and the building of the demonstration, demo accounts, said on every screen. */
    field: z.enum(['simulated', 'real']),
    /** Zone of `--at`; each site keeps its own. */
    timeZone: timeZoneField.default('Europe/Paris'),
    /** Replaced by `--data`. */
    data: file,
    /** `port` is replaced by `--port`, or by AXONE_HTTP_PORT. */
    http: z.strictObject({ host: host.default('127.0.0.1'), port: port.default(8080) }).prefault({}),
    broker: brokerField.prefault({ kind: 'embedded' }),
    store: storeField.prefault({ kind: 'sqlite' }),
    /** People, assets, orders: a file of the data folder, or a database. A simulated field keeps to its folder. */
    registry: registryField.prefault({ kind: 'sqlite' }),
    /** Sites, light points, dwellings, meters: imported into the registry at start. */
    assets: file,
    /** Folder of `npm run axone -- ca init`: gateways elsewhere then get their first certificate over HTTP. */
    authority: file.optional(),
    /** One file per gateway run by this process; none when the gateways are elsewhere. */
    gateways: z.array(file).default([]),
    /** Only with `field: simulated`. */
    simulators: z
      .strictObject({
        host: host.default('127.0.0.1'),
        streetPort: port.default(0),
        buildingPort: port.default(0),
        seed: z.int().min(0).default(2026),
      })
      .prefault({}),
  })
  .refine(({ field, registry }) => field === 'real' || registry.kind === 'sqlite', {
    path: ['registry'],
    error: 'a simulated field keeps its registry in its own folder: kind sqlite',
  });
export type Configuration = z.output<typeof configurationSchema>;

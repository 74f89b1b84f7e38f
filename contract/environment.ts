import { z } from 'zod';
import { fault } from '#contract/errors.ts';

/**
 * Variables of a service that runs alone. Secrets come by file, never in a variable. One service reads only its own
 * part; an empty variable counts as absent.
 */
const file = z.string().min(1).max(1024);

const brokerVariables = {
  AXONE_MQTT_URL: z.url({ protocol: /^mqtts?$/, error: 'an address such as mqtt://broker:1883' }),
  /** With a certificate, the broker takes the name that it bears. */
  AXONE_MQTT_USER: z.string().min(1).optional(),
  AXONE_MQTT_PASSWORD_FILE: file.optional(),
  /** The authority that signed the broker's certificate; without it those of the system. */
  AXONE_MQTT_CA_FILE: file.optional(),
  AXONE_MQTT_CERT_FILE: file.optional(),
  AXONE_MQTT_KEY_FILE: file.optional(),
};

export interface BrokerVariables {
  readonly AXONE_MQTT_URL: string;
  readonly AXONE_MQTT_USER?: string | undefined;
  readonly AXONE_MQTT_PASSWORD_FILE?: string | undefined;
  readonly AXONE_MQTT_CA_FILE?: string | undefined;
  readonly AXONE_MQTT_CERT_FILE?: string | undefined;
  readonly AXONE_MQTT_KEY_FILE?: string | undefined;
}

/** A user with its password, or a certificate with its key over TLS. */
const provesIdentity = (variables: BrokerVariables, context: z.RefinementCtx): void => {
  const refuse = (path: keyof BrokerVariables, message: string): void => {
    context.addIssue({ code: 'custom', path: [path], message });
  };
  const { AXONE_MQTT_CERT_FILE: certificate, AXONE_MQTT_KEY_FILE: key, AXONE_MQTT_CA_FILE: authority } = variables;
  const hasCertificate = certificate !== undefined && key !== undefined;
  if (certificate !== undefined && key === undefined) refuse('AXONE_MQTT_KEY_FILE', 'absent while there is a certificate');
  if (certificate === undefined && key !== undefined) refuse('AXONE_MQTT_CERT_FILE', 'absent while there is a key');
  if (!hasCertificate && variables.AXONE_MQTT_USER === undefined) refuse('AXONE_MQTT_USER', 'absent without a certificate');
  if (!hasCertificate && variables.AXONE_MQTT_PASSWORD_FILE === undefined)
    refuse('AXONE_MQTT_PASSWORD_FILE', 'absent without a certificate');
  if ((hasCertificate || authority !== undefined) && !variables.AXONE_MQTT_URL.startsWith('mqtts:'))
    refuse('AXONE_MQTT_URL', 'an address such as mqtts://broker:8883 is wanted with a certificate');
};

const storeVariables = {
  AXONE_STORE: z.enum(['sqlite', 'influxdb'], { error: 'sqlite or influxdb' }).default('sqlite'),
  AXONE_INFLUXDB_URL: z.url({ protocol: /^https?$/, error: 'an address such as http://influxdb:8086' }).optional(),
  AXONE_INFLUXDB_DATABASE: z.string().regex(/^\w+$/).default('axone'),
  AXONE_INFLUXDB_DWELLING_DATABASE: z.string().regex(/^\w+$/).default('axone_dwellings'),
  AXONE_INFLUXDB_USER: z.string().min(1).optional(),
  AXONE_INFLUXDB_PASSWORD_FILE: file.optional(),
  /** 2 and 3 are known by a token, 2 has an organisation too; only 1 was run. */
  AXONE_INFLUXDB_GENERATION: z.enum(['1', '2', '3'], { error: '1, 2 or 3' }).default('1'),
  AXONE_INFLUXDB_ORGANISATION: z.string().min(1).optional(),
  AXONE_INFLUXDB_TOKEN_FILE: file.optional(),
};

const registryVariables = {
  AXONE_REGISTRY: z.enum(['sqlite', 'postgresql'], { error: 'sqlite or postgresql' }).default('sqlite'),
  /** Of SQLite: one file that the services of one machine share. */
  AXONE_REGISTRY_FILE: file.optional(),
  /** Of PostgreSQL: address, user and database, never the password. */
  AXONE_POSTGRESQL_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'an address such as postgresql://axone_control@postgresql:5432/axone' })
    .refine((url) => new URL(url).password === '', 'a password: it comes by AXONE_POSTGRESQL_PASSWORD_FILE')
    .optional(),
  AXONE_POSTGRESQL_PASSWORD_FILE: file.optional(),
};

const httpVariables = {
  AXONE_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  AXONE_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
};

/** Of a gateway's own page: it has no sign-in and shows what passes on the buses, so it is for its machine alone. */
const gatewayPageVariables = {
  AXONE_HTTP_HOST: z
    .enum(['127.0.0.1', '::1', 'localhost'], { error: 'a gateway’s page is for its own machine: 127.0.0.1, ::1 or localhost' })
    .default('127.0.0.1'),
  /** Nothing listens without it. */
  AXONE_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
};

/** Of the whole platform in one process: what its configuration file says may be replaced. */
export const platformVariables = z.object({ AXONE_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).optional() });

/** `simulated` when the data come from the demonstration's field: said on every screen. */
const fieldVariable = { AXONE_FIELD: z.enum(['simulated', 'real']).default('real') };

export const gatewayVariables = z
  .object({ ...brokerVariables, ...gatewayPageVariables, AXONE_DATA: file, AXONE_GATEWAY_CONFIG: file })
  .superRefine(provesIdentity);
/** Of `npm run axone -- ca answer`. */
export const authorityVariables = z.object(brokerVariables).superRefine(provesIdentity);
export const ingestVariables = z
  .object({
    ...brokerVariables,
    ...storeVariables,
    ...httpVariables,
    ...registryVariables,
    AXONE_DATA: file,
  })
  .superRefine(provesIdentity);
export const controlVariables = z
  .object({
    ...brokerVariables,
    ...storeVariables,
    ...httpVariables,
    ...fieldVariable,
    ...registryVariables,
    AXONE_DATA: file,
    /** Imported at start when set. */
    AXONE_ASSETS_FILE: file.optional(),
    /** Folder of `npm run axone -- ca init`: gateways are then enrolled over HTTP. */
    AXONE_AUTHORITY_FOLDER: file.optional(),
  })
  .superRefine(provesIdentity);
export const dashboardsVariables = z.object({
  ...httpVariables,
  ...fieldVariable,
  /** Printed on every page. */
  AXONE_HELP_PHONE: z.string().min(1).max(40).default('03 23 00 00 00'),
  AXONE_CONTROL_URL: z.url({ protocol: /^https?$/ }),
  AXONE_INGEST_URL: z.url({ protocol: /^https?$/ }),
});

export type RegistryVariables = z.output<z.ZodObject<typeof registryVariables>>;
export type StoreVariables = z.output<z.ZodObject<typeof storeVariables>>;

/** Throws CONFIG_INVALID naming the variable. */
export const readVariables = <S extends z.ZodType>(
  schema: S,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<S> => {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const variable = issue?.path.join('.') ?? 'environment';
  throw fault('CONFIG_INVALID', {
    file: 'environment',
    line: 0,
    path: variable,
    problem: issue?.message ?? 'invalid',
    expected: `set ${variable}`,
  });
};

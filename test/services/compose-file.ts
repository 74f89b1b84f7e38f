import { parse } from 'yaml';
import { z } from 'zod';

const composeService = z.looseObject({
  image: z.string().optional(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  healthcheck: z.unknown().optional(),
});
export type ComposeService = z.infer<typeof composeService>;

const composeFile = z.looseObject({
  services: z.record(z.string(), composeService),
  volumes: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});
export type ComposeFile = z.infer<typeof composeFile>;

/** What our tests need of a compose file, its anchors merged. */
export const parseComposeFile = (text: string): ComposeFile => composeFile.parse(parse(text, { merge: true }));

/** `${NAME:-default}` as the shell that starts it has the variable. */
export const withShellVariables = (value: string, shell: Readonly<Record<string, string>> = {}): string =>
  value.replaceAll(/\$\{(\w+):-([^}]*)\}/g, (_whole, name: string, given: string) => shell[name] ?? given);

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { createFetchApiClient } from '#adapters/http/fetch-api-client.ts';
import type { ApiClient } from '#contract/ports/api-client.ts';
import { openSession } from '#contract/routes/session.ts';
import { type StartedProcess, startProcess } from '#test/services/start-process.ts';

export interface DemoAccount {
  readonly role: 'technician' | 'landlord' | 'admin' | 'tenant';
  readonly email?: string;
  readonly password?: string;
  readonly letterCode?: string;
  readonly digits?: string;
  readonly dwelling?: string;
}

export interface StartedPlatform {
  readonly process: StartedProcess;
  readonly portal: string;
  readonly mqtt: string;
  readonly modbus: readonly { readonly site: string; readonly host: string; readonly port: number }[];
  readonly accounts: readonly DemoAccount[];
  readonly api: ApiClient;
  /** Bearer token of a demo account. */
  signIn(role: DemoAccount['role'], dwelling?: string): Promise<string>;
}

/** A data folder that goes away with the test. */
export const temporaryFolder = async (): Promise<{ path: string; remove(): Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), 'axone-scenario-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
};

const DEMONSTRATION = join(import.meta.dirname, '..', '..', 'deploy', 'demo');

/** The demonstration's configuration with more keys, in a folder; its own paths still lead to its own files. */
export const demonstrationWith = async (folder: string, keys: Readonly<Record<string, unknown>>): Promise<string> => {
  const written = parse(await readFile(join(DEMONSTRATION, 'axone.yaml'), 'utf8')) as {
    readonly assets: string;
    readonly gateways: readonly string[];
  };
  const paths = {
    data: join(folder, 'data'),
    assets: join(DEMONSTRATION, written.assets),
    gateways: written.gateways.map((file) => join(DEMONSTRATION, file)),
  };
  const file = join(folder, 'axone.yaml');
  await writeFile(file, stringify({ ...written, ...paths, ...keys }));
  return file;
};

/** The whole platform as `npm start` runs it, on free ports, until its line of readiness. */
export const startPlatform = async (parameters: readonly string[]): Promise<StartedPlatform> => {
  const process = startProcess({ file: 'main.ts', parameters: ['--port', '0', ...parameters] });
  const ready = await process.line('ready', 40_000);
  return attachPlatform(process, ready);
};

/** A platform that has said it is ready. */
export const attachPlatform = (process: StartedProcess, ready: Readonly<Record<string, unknown>>): StartedPlatform => {
  const portal = String(ready['portal']);
  const accounts = ready['accounts'] as readonly DemoAccount[];
  const api = createFetchApiClient({ baseUrl: portal });
  return {
    process,
    portal,
    mqtt: String(ready['mqtt']),
    modbus: ready['modbus'] as StartedPlatform['modbus'],
    accounts,
    api,
    signIn: async (role, dwelling) => {
      const account = accounts.find(
        (candidate) => candidate.role === role && (dwelling === undefined || candidate.dwelling === dwelling),
      );
      if (account === undefined) throw new Error(`no demo account ${role} ${dwelling ?? ''}`);
      const body =
        account.email === undefined
          ? { letterCode: account.letterCode ?? '', digits: account.digits ?? '' }
          : { email: account.email, password: account.password ?? '' };
      const answer = await api.call(openSession, null, { body });
      if (!answer.ok) throw new Error(`sign-in refused: ${answer.error.code}`);
      return answer.body.token;
    },
  };
};

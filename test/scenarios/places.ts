import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
export const LOOPBACK = '127.0.0.1';

/** What stands on this machine for what compose would give to a container. */
export interface Places {
  /** Stands for the named volumes. */
  readonly volumes: string;
  /** Stands for `/run/secrets`. */
  readonly secrets: string;
  /** Port on loopback by `service:port` of the compose network. */
  readonly ports: ReadonlyMap<string, number>;
  /** Variables of the shell that would say `docker compose up`. */
  readonly shell: Readonly<Record<string, string>>;
}

/** A container as a process. */
export interface Launch {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly debianPackage?: string;
  readonly uid?: number;
  readonly gid?: number;
}

import { streetAndCabinet } from './street-and-cabinet.ts';

export interface GrafanaDocument {
  /** From the repository's folder. */
  readonly path: string;
  readonly json: string;
}

/** Every board as the file that Grafana is provisioned with; `npm run check` compares them with what is committed. */
export const grafanaDocuments = (): readonly GrafanaDocument[] => [
  {
    path: 'deploy/grafana/dashboards/street-and-cabinet.json',
    json: `${JSON.stringify(streetAndCabinet(), null, 2)}\n`,
  },
];

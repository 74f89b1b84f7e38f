import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

export const panel = new PanelBuilder();

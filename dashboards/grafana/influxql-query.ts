import type * as cog from '@grafana/grafana-foundation-sdk/cog';

interface InfluxqlDataquery extends cog.Dataquery {
  readonly refId: string;
  readonly rawQuery: true;
  readonly query: string;
  readonly resultFormat: 'time_series';
  readonly datasource: { readonly type: 'influxdb'; readonly uid: string };
  alias?: string;
}

/** An InfluxQL query of a panel: the SDK has none. `$timeFilter` and `$__interval` are filled by Grafana. */
export class InfluxqlQuery implements cog.Builder<cog.Dataquery> {
  private readonly query: InfluxqlDataquery;

  constructor(refId: string, query: string) {
    this.query = {
      refId,
      rawQuery: true,
      query,
      resultFormat: 'time_series',
      datasource: { type: 'influxdb', uid: '${datasource}' },
      _implementsDataqueryVariant: () => undefined,
    };
  }

  /** Name of the series; `$tag_point` is the measurement point. */
  alias(name: string): this {
    this.query.alias = name;
    return this;
  }

  build(): cog.Dataquery {
    return this.query;
  }
}

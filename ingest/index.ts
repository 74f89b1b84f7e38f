export { createIngest, type IngestDependencies } from './ingest.ts';
export { archiveSeries, restoreSeries } from './series/archive-series.ts';
export { createSeriesKeeping, type SeriesKeeping, type SeriesKeepingDependencies } from './series/series-keeping.ts';
export { seriesRoutes } from './series/series-routes.ts';
export type { SeriesRouteDependencies } from './series/series-selection.ts';

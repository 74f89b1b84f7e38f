export { createIngest, type IngestDependencies } from './ingest.ts';
export { createSeriesKeeping, type SeriesKeeping, type SeriesKeepingDependencies } from './series/series-keeping.ts';
export { type SeriesRouteDependencies, seriesRoutes } from './series/series-routes.ts';

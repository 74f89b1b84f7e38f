export { createIngest, type IngestDependencies } from './ingest.ts';
export { type SeriesRouteDependencies, seriesRoutes } from './series/series-routes.ts';

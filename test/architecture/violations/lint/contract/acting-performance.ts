export const performanceOf = performance;

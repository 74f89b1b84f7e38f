// @ts-ignore
export const watts: number = 'forty';

export const word = (state: 'on' | 'off'): string => {
  switch (state) {
    case 'on':
      return 'allumé';
  }
  return '';
};

/** The SOAP paper's formulas for an m×n layer, as text. */
export interface PaperFormulas {
  /** Number of floats to store, including the gradient (section 7.2). */
  readonly space: string;
  /** Multiplications in a step's matrix products beyond AdamW's (section 7.3); empty if the paper gives none. */
  readonly time: string;
}

/** Returns the paper's formulas for an optimizer and its options, or undefined if it has none. */
export function paperFormulas({
  optimizer,
  ...options
}: {
  readonly optimizer: string;
  readonly [option: string]: unknown;
}): PaperFormulas | undefined {
  switch (optimizer) {
    case 'adamw':
      return { space: '3mn', time: '' };
    case 'adafactor':
      return { space: '2mn', time: '' };
    case 'shampoo':
      return { space: '2m² + 2n² + 3mn', time: 'm³ + n³ + m²n + n²m' };
    case 'soap':
      return soapFormulas(options.second_moment === 'factorized', options.one_sided === true);
    default:
      return undefined;
  }
}

function soapFormulas(isFactorized: boolean, isOneSided: boolean): PaperFormulas {
  const factors = isOneSided ? '2·min(m,n)²' : '2m² + 2n²';
  return { space: `${factors} + ${isFactorized ? '2mn' : '3mn'}`, time: soapProducts(isFactorized, isOneSided) };
}

function soapProducts(isFactorized: boolean, isOneSided: boolean): string {
  if (isFactorized && isOneSided) return 'min²·max + 2·min³';
  if (isOneSided) return 'min³ + 2·min²·max';
  return isFactorized ? 'm³ + n³ + m²n + n²m + max²·min + min³' : 'm³ + n³ + 2m²n + 2n²m';
}

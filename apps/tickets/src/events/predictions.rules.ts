/** Below so many orders nothing is predicted (PRO-4): two intervals are the least that say something of a rhythm. */
export const LEAST_ORDERS = 3;
/** How far orders are expected, in weeks. */
export const HORIZON_WEEKS = 52;

/**
 * Parameters of BG/NBD as Fader, Hardie and Lee estimate them (“Counting Your Customers” the Easy Way, Marketing Science
 * 24(2), 2005, table 1; time in weeks): orders of somebody who is still a customer come as a Poisson process whose rate
 * is gamma-distributed over customers (r, alpha); after each order one leaves with a probability that is beta-distributed (a, b).
 */
const PURCHASES = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 } as const;
/**
 * Shapes of the gamma-gamma model as Fader and Hardie estimate them (The Gamma-Gamma Model of Monetary Value, 2013): how
 * much the values of one customer's orders vary (p), and the means of customers (q). The scale follows from the account's own mean.
 */
const VALUES = { p: 6.25, q: 3.74 } as const;

/** What is known of somebody's orders, in weeks: repeat orders, from the first to the last one, from the first one to now. */
export type History = { repeats: number; lastAfterWeeks: number; ageWeeks: number };

/** How likely it is that somebody is still a customer: equation for P(alive) of BG/NBD (Fader, Hardie and Lee, 2008 note). */
export function probabilityAlive({ repeats: x, lastAfterWeeks, ageWeeks }: History): number {
  const { r, alpha, a, b } = PURCHASES;
  if (x === 0) return 1;
  return 1 / (1 + (a / (b + x - 1)) * ((alpha + ageWeeks) / (alpha + lastAfterWeeks)) ** (r + x));
}

/** Expected number of orders within so many weeks: equation 10 of the paper. */
export function expectedOrders(history: History, weeks: number): number {
  const { r, alpha, a, b } = PURCHASES;
  const { repeats: x, ageWeeks } = history;
  const scale = alpha + ageWeeks;
  const series = hypergeometric(r + x, b + x, a + b + x - 1, weeks / (scale + weeks));
  return ((a + b + x - 1) / (a - 1)) * (1 - (scale / (scale + weeks)) ** (r + x) * series) * probabilityAlive(history);
}

/** Expected weeks until the next order, supposing that one comes: the mean of the Pareto distribution that the rate's posterior gives. */
export const weeksToNextOrder = ({ repeats, ageWeeks }: History): number => (PURCHASES.alpha + ageWeeks) / (PURCHASES.r + repeats - 1);

/** Expected value of an order: between the account's mean and the customer's own, the nearer to it the more orders there are. */
export function expectedValue(orders: number, ownMean: number, accountMean: number): number {
  const { p, q } = VALUES;
  const weight = (p * orders) / (p * orders + q - 1);
  return (1 - weight) * accountMean + weight * ownMean;
}

/** Gauss's series 2F1(a, b; c; z) for 0 <= z < 1, to the last digit that counts. */
function hypergeometric(a: number, b: number, c: number, z: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 0; n < 100_000 && Math.abs(term) > 1e-12 * Math.abs(sum); n++) {
    term *= (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    sum += term;
  }
  return sum;
}

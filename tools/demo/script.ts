const isPlain = !process.stdout.isTTY || Boolean(process.env.NO_COLOR);
const paint = (code: number, text: string) => (isPlain ? text : `\u001b[${code}m${text}\u001b[0m`);

let acts = 0;
let checks = 0;

/** What the audience reads. Every line is printed at once, in the order of what happens. */
export const script = {
  /** A new part of the day. */
  act: (title: string) => console.log(`\n${paint(1, `${++acts}  ${title}`)}`),
  /** Somebody does something. */
  does: (what: string) => console.log(`   → ${what}`),
  /** What came of it, as it had to. */
  came: (what: string) => {
    checks += 1;
    console.log(`   ${paint(32, '✓')} ${what}`);
  },
  /** What the agent's live socket shows. */
  live: (line: string) => console.log(paint(2, `        live │ ${line}`)),
  line: (line: string) => console.log(`     ${line}`),
  failed: (what: string) => console.log(`\n   ${paint(31, '✗')} ${what}`),
  /** How many times something had to come, and came. */
  checks: () => checks,
};

/** The beginning of a text, in quotation marks. */
export const quote = (text: string, most = 60) => `“${text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text}”`.replace(/\s+/g, ' ');

import type { Dice } from './dice.js';

/** What parsers, databases and people in a hurry get wrong. */
const NASTY: readonly unknown[] = [
  '', ' ', '\0', 'a\0b', '\ud800', '\udfff\ud800', '\u202egnp.exe', '\ufeff', '\r\n.\r\n', 'x'.repeat(70_000), '💥'.repeat(3000), 'e\u0301'.repeat(200), '%00', '%', '+', '=', '&', '../../etc/passwd', "' OR 1=1 --", '{{7*7}}', '<script>alert(1)</script>',
  'NaN', '-1', '1e309', '99999999999999999999', '0000-00-00', '2026-02-30T25:61:61Z', '+15005550100', '+', 'not-a-number', 'javascript:alert(1)', 'http://169.254.169.254/', '__proto__', 'constructor', 'STOP', 'stop please',
  null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, [], {}, [[]], [null], [{}], { id: null }, { __proto__: 1 }, [1, 2, 3], ['a', 'b'],
];
const PIECES = ['\0', '\xff', '\xfe\xff', '\xc0\x80', '\xed\xa0\x80', '"', '\\', '\\u0000', '\\ud800', '{', '}', '[', ']', '&', '=', '%', '%zz', ';', ',', '\r\n', '\n', '--', '<', '>', '=?utf-8?B?', '?=', ':', ' ', '\t'].map((piece) => Buffer.from(piece, 'latin1'));

type Mutation = (body: Buffer, dice: Dice) => Buffer;

/** Of bytes, whatever they are. */
const BYTES: Mutation[] = [
  (body, dice) => body.subarray(0, dice.below(body.length + 1)),
  (body, dice) => body.subarray(dice.below(body.length + 1)),
  (body, dice) => Buffer.concat([body.subarray(0, dice.below(body.length + 1)), body.subarray(dice.below(body.length + 1))]),
  (body, dice) => put(body, dice, dice.bytes(1 + dice.below(8))),
  (body, dice) => put(body, dice, dice.pick(PIECES)),
  (body, dice) => put(body, dice, Buffer.concat(Array.from({ length: 1 + dice.below(400) }, () => dice.pick(PIECES)))),
  (body, dice) => flipped(body, dice, 1),
  (body, dice) => flipped(body, dice, 1 + dice.below(20)),
  (body) => Buffer.concat([body, body]),
  (body, dice) => put(body, dice, body.subarray(dice.below(body.length + 1), dice.below(body.length + 1))),
  (body, dice) => Buffer.from(body.toString('latin1').toUpperCase().slice(dice.below(3)), 'latin1'),
  (body) => Buffer.from(body.toString('utf8'), 'utf16le'),
  (body, dice) => dice.bytes(dice.below(2000)),
];

/** Of forms: names and values. */
const FORMS: Mutation[] = [
  (body, dice) => form(body, (fields) => void fields.splice(dice.below(fields.length), 1)),
  (body, dice) => form(body, (fields) => void fields.push(dice.pick(fields))),
  (body, dice) => form(body, (fields) => void (dice.pick(fields)[1] = text(dice.pick(NASTY)))),
  (body, dice) => form(body, (fields) => void (dice.pick(fields)[0] = text(dice.pick(NASTY)).slice(0, 200))),
  (body, dice) => form(body, (fields) => void fields.push(...Array.from({ length: 2000 }, (_, n): [string, string] => [`F${n}`, dice.pick(['', 'x', '\0'])]))),
];

/** Of JSON: any value at any depth. */
const JSONS: Mutation[] = [
  (body, dice) => json(body, dice, (holder, key) => void (holder[key] = dice.pick(NASTY))),
  (body, dice) => json(body, dice, (holder, key) => void delete holder[key]),
  (body, dice) => json(body, dice, (holder, key) => void (holder[key] = [holder[key], holder[key]])),
  (body, dice) => json(body, dice, (holder, key) => void (holder[key] = Array.from({ length: 1 + dice.below(Math.min(300, 1 + 50_000 / text(holder[key]).length)) }, () => holder[key]))),
  (body, dice) => json(body, dice, (holder, key) => void (Array.isArray(holder) || (holder[text(dice.pick(NASTY)).slice(0, 50)] = holder[key]))),
  (body, dice) => Buffer.from(body.toString().replace(/[{[]/, `$&${'['.repeat(dice.below(5000))}`)),
  (body, dice) => Buffer.from(body.toString().replace(/("\w+"):("[^"]*"|\d+)/g, (whole, name: string) => (dice.next() < 0.2 ? `${name}:${dice.pick(['1e999', '-0', '9'.repeat(400), '"\\u0000"', '"\\ud800"', 'null', '{"__proto__":{"x":1}}'])}` : whole))),
];

/** One to three changes of a body, of the kinds that fit it. */
export function mutated(body: Buffer, dice: Dice): Buffer {
  const kinds = [...BYTES, ...(looksLikeJson(body) ? [...JSONS, ...JSONS, ...JSONS] : FORMS.length ? [...FORMS, ...FORMS] : [])];
  let changed = body;
  for (let n = 0, times = 1 + dice.below(3); n < times; n++) changed = dice.pick(kinds)(changed.length ? changed : body, dice).subarray(0, MOST_BYTES);
  return changed;
}

/** Of a mail: bytes, lines of its head, and its parts. */
export function mutatedMail(body: Buffer, dice: Dice): Buffer {
  let changed = body;
  for (let n = 0, times = 1 + dice.below(4); n < times; n++) changed = dice.pick([...MAILS, ...MAILS, ...BYTES])(changed.length ? changed : body, dice).subarray(0, MOST_BYTES);
  return changed;
}

const HEADERS = ['From', 'To', 'Subject', 'Message-ID', 'In-Reply-To', 'References', 'Date', 'Content-Type', 'Content-Transfer-Encoding', 'MIME-Version', 'Auto-Submitted', 'List-Id', 'Content-Disposition', 'Reply-To', 'Return-Path', 'X-Parley-Thread', 'Received'];
const VALUES = [
  '', ' ', 'a@b', '<>', '"', '=?utf-8?B?////?=', '=?x-unknown?Q?=FF=00?=', '=?utf-8?Q?' + 'a'.repeat(500) + '?=', 'multipart/mixed; boundary=x', 'multipart/mixed; boundary=""', 'multipart/mixed', 'text/html; charset=utf-7', 'text/plain; charset=nonsense', 'message/rfc822', 'message/delivery-status', 'application/ms-tnef',
  'base64', 'quoted-printable', 'x-uuencode', '8bit', 'Mon, 99 Foo 20026 99:99:99 +9999', '<a@b> '.repeat(300), `${'x'.repeat(2000)}@y.example`, 'attachment; filename="../../etc/passwd"', "attachment; filename*=utf-8''%00%FF", 'Group: a@x.example, b@x.example;', '\0', '\xff\xfe', 'auto-replied', '(((((((((((('.repeat(50),
];
const MAILS: Mutation[] = [
  (body, dice) => put(body, dice, Buffer.from(`\r\n${dice.pick(HEADERS)}: ${dice.pick(VALUES)}\r\n`, 'latin1')),
  (body, dice) => Buffer.concat([Buffer.from(`${dice.pick(HEADERS)}: ${dice.pick(VALUES)}\r\n`, 'latin1'), body]),
  (body, dice) => lines(body, (all) => void all.splice(dice.below(all.length), 1 + dice.below(5))),
  (body, dice) => lines(body, (all) => void all.splice(dice.below(all.length), 0, ...Array.from({ length: dice.below(30) }, () => dice.pick(all)))),
  (body, dice) => lines(body, (all) => void all.splice(dice.below(all.length), 0, ...Array.from({ length: dice.below(2000) }, () => dice.pick(['>', '> > ', 'On Monday, X wrote:', 'Von: a@b', '--', '-- ', '', '____', 'From:', '<div>', '=', '>'.repeat(100)])))),
  (body, dice) => Buffer.from(body.toString('latin1').replace(/^([\w-]+):.*$/m, (_, name: string) => `${name}: ${dice.pick(VALUES)}`), 'latin1'),
  (body, dice) => Buffer.from(body.toString('latin1').replace(/boundary=("[^"]*"|\S+)/, `boundary="${dice.pick(['', 'x', '--', '=_'.repeat(40)])}"`), 'latin1'),
  (body, dice) => nested(body, 1 + dice.below(14)),
  (body) => Buffer.from(body.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  (body, dice) => Buffer.concat([body, Buffer.from('\r\n'), Buffer.from('<b><i><table><tr><td>'.repeat(dice.below(3000)))]),
];

const MOST_BYTES = 400_000;

const looksLikeJson = (body: Buffer) => body[0] === 0x7b || body[0] === 0x5b;
const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

const put = (body: Buffer, dice: Dice, piece: Buffer) => {
  const at = dice.below(body.length + 1);
  return Buffer.concat([body.subarray(0, at), piece, body.subarray(at)]);
};

function flipped(body: Buffer, dice: Dice, times: number): Buffer {
  const changed = Buffer.from(body);
  for (let n = 0; n < times && changed.length; n++) {
    const at = dice.below(changed.length);
    changed[at] = changed[at]! ^ (1 << dice.below(8));
  }
  return changed;
}

function form(body: Buffer, change: (fields: [string, string][]) => void): Buffer {
  const fields = [...new URLSearchParams(body.toString('utf8'))] as [string, string][];
  if (fields.length) change(fields);
  return Buffer.from(new URLSearchParams(fields.map(([name, value]): [string, string] => [name.replace(/\p{Surrogate}/gu, '?'), value.replace(/\p{Surrogate}/gu, '?')])).toString());
}

function json(body: Buffer, dice: Dice, change: (holder: Record<string, unknown>, key: string) => void): Buffer {
  let whole: unknown;
  try {
    whole = JSON.parse(body.toString());
  } catch {
    return flipped(body, dice, 1);
  }
  const places: [Record<string, unknown>, string][] = [];
  const walk = (value: unknown) => {
    if (typeof value !== 'object' || value === null || places.length > 5000) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      walk((value as Record<string, unknown>)[key]);
    }
  };
  walk(whole);
  if (places.length) change(...dice.pick(places));
  return Buffer.from(JSON.stringify(whole) ?? 'null');
}

function lines(body: Buffer, change: (all: string[]) => void): Buffer {
  const all = body.toString('latin1').split('\r\n');
  change(all);
  return Buffer.from(all.join('\r\n'), 'latin1');
}

function nested(body: Buffer, depth: number): Buffer {
  let whole = body;
  for (let n = 0; n < depth; n++) whole = Buffer.concat([Buffer.from(`From: n${n}@customer.example\r\nContent-Type: multipart/mixed; boundary=n${n}\r\n\r\n--n${n}\r\nContent-Type: message/rfc822\r\n\r\n`), whole, Buffer.from(`\r\n--n${n}--\r\n`)]);
  return whole;
}

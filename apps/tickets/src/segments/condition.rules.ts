import type { Part, Question } from '@parley/contracts/segments';

/** Does the passing of time alone let people in or out? */
export function hasTime(part: Part): boolean {
  if ('all' in part) return part.all.some(hasTime);
  if ('any' in part) return part.any.some(hasTime);
  return ('withinDays' in part && part.withinDays !== undefined) || ('beforeDays' in part && part.beforeDays !== undefined);
}

/** What lacks a value that its comparison needs, by JSON pointer. */
export function faultsOf(part: Part, pointer: string): { pointer: string; message: string }[] {
  const name = 'all' in part ? 'all' : 'any';
  const parts = 'all' in part ? part.all : 'any' in part ? part.any : null;
  if (parts) return parts.flatMap((inner, n) => faultsOf(inner, `${pointer}/${name}/${n}`));
  const fault = faultOf(part as Question);
  return fault ? [{ pointer: `${pointer}/value`, message: fault }] : [];
}

function faultOf(question: Question): string | null {
  if (question.of !== 'field' && question.of !== 'property') return null;
  const needs = NEEDS[question.is] ?? ['string', 'number', 'boolean'];
  return needs.includes(typeof question.value) || needs.length === 0 ? null : `is needed for ${question.is}, as a ${needs.join(', ')}`;
}
/** What a comparison compares with; anything unless told. */
const NEEDS: Record<string, string[] | undefined> = { set: [], not_set: [], greater: ['number'], less: ['number'] };

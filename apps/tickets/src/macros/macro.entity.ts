import type { CouponPool, Macro, MacroActions } from '@parley/contracts/macros';

/** A macro's row. `key`: its name as it is compared. */
export type MacroEntity = {
  id: string; name: string; key: string; category: string | null; text: string; actions: MacroActions;
  uses: number; lastUsedAt: Date | null; createdAt: Date; updatedAt: Date; version: number;
};

export const toMacro = ({ key: _, lastUsedAt, createdAt, updatedAt, ...macro }: MacroEntity): Macro => ({
  id: macro.id, name: macro.name, category: macro.category, text: macro.text, actions: macro.actions, uses: macro.uses,
  lastUsedAt: lastUsedAt?.toISOString() ?? null, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString(), version: macro.version,
});

export type CouponPoolEntity = { id: string; name: string; createdAt: Date; free: number; given: number };

export const toPool = ({ createdAt, id, name, free, given }: CouponPoolEntity): CouponPool => ({ id, name, free, given, createdAt: createdAt.toISOString() });

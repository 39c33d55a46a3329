import { BillingError } from "../errors.ts";

/** An amount of money in the smallest unit of its currency: cents, yen, fils. Never a fraction. */
export interface Money {
  readonly minorUnits: number;
  /** ISO 4217: `EUR`. */
  readonly currency: string;
}

/** @throws {TypeError | RangeError} no amount in whole minor units of a currency. */
export function checkMoney(argument: string, value: unknown): Money {
  const { minorUnits, currency } = (value ?? {}) as Partial<Money>;
  if (typeof minorUnits !== "number" || typeof currency !== "string")
    throw new TypeError(`${argument} must be an amount: { minorUnits, currency }`);
  if (!Number.isSafeInteger(minorUnits))
    throw new RangeError(`${argument}.minorUnits must be a whole number`);
  checkCurrency(`${argument}.currency`, currency);
  return { minorUnits, currency };
}

/** The same test, for what stands in a file. */
export function isMoney(value: unknown): value is Money {
  const { minorUnits, currency } = (value ?? {}) as {
    readonly minorUnits?: unknown;
    readonly currency?: unknown;
  };
  return Number.isSafeInteger(minorUnits) && typeof currency === "string" && /^[A-Z]{3}$/.test(currency);
}

/** @throws {RangeError} no code of three capitals. */
export function checkCurrency(argument: string, value: unknown): string {
  if (typeof value !== "string" || !/^[A-Z]{3}$/.test(value))
    throw new RangeError(`${argument} must be an ISO 4217 code, such as EUR`);
  return value;
}

/** How many decimals the major unit has: 2 for EUR, 0 for JPY, 3 for KWD. */
export function currencyDecimals(currency: string): number {
  return (
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
}

/** The amount in its major unit, for people and tables: `1234.50`. Exact: no floating point is involved. */
export function formatAmount({ minorUnits, currency }: Money): string {
  const decimals = currencyDecimals(currency);
  const digits = String(Math.abs(minorUnits)).padStart(decimals + 1, "0");
  const sign = minorUnits < 0 ? "-" : "";
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** @throws {BillingError} the amount cannot be held exactly. */
export function minorUnitsOf(exact: bigint): number {
  const value = Number(exact);
  if (!Number.isSafeInteger(value)) throw new BillingError("work out an amount", `${exact} is too large`);
  return value;
}

// Small checks on parsed JSON: each reads one field and says which one is wrong. Never guesses, never changes a value.

/** A JSON object whose fields are not known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What somebody else wrote does not have the shape it must have. */
export class ShapeError extends Error {
  override name = "ShapeError";
}

/** The value as an object; arrays and null are none. `what` names it in the message. */
export function objectOf(value: unknown, what: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new ShapeError(`${what} is not an object`);
}

/** The text as a JSON object. */
export function parseObject(text: string, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ShapeError(`${what} is not JSON`);
  }
  return objectOf(value, what);
}

export function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  if (typeof value === "string") return value;
  throw new ShapeError(`"${key}" is not a string`);
}

export function optionalTextAt(object: JsonObject, key: string): string | undefined {
  return object[key] === undefined ? undefined : textAt(object, key);
}

/** A whole number from 0. */
export function countAt(object: JsonObject, key: string): number {
  const value = object[key];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ShapeError(`"${key}" is not a whole number from 0`);
}

export function optionalCountAt(object: JsonObject, key: string): number | undefined {
  return object[key] === undefined ? undefined : countAt(object, key);
}

/** An object at the key; an absent one is empty. */
export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return value === undefined ? {} : objectOf(value, `"${key}"`);
}

/** An array at the key; an absent one is empty. */
export function listAt(object: JsonObject, key: string): readonly unknown[] {
  const value = object[key];
  if (value === undefined) return [];
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new ShapeError(`"${key}" is not an array`);
}

/** An object at the key whose values are all strings; an absent one is empty. */
export function textsAt(object: JsonObject, key: string): ReadonlyMap<string, string> {
  const texts = objectAt(object, key);
  return new Map(Object.keys(texts).map((name) => [name, textAt(texts, name)]));
}

/** An object at the key whose values are all whole numbers from 0; an absent one is empty. */
export function countsAt(object: JsonObject, key: string): ReadonlyMap<string, number> {
  const counts = objectAt(object, key);
  return new Map(Object.keys(counts).map((name) => [name, countAt(counts, name)]));
}

// Reads from one source what the house rules are about: imports, exports and the free names it uses. Knows no rule.
import { parseSync } from "oxc-parser";

/** One import, re-export, dynamic import or `import("…")` type. */
export interface ImportFact {
  readonly specifier: string;
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/** A name that is used and not a property: a local, an import or a global. `Date.now` and `Math.random` come as such. */
export interface NameFact {
  readonly name: string;
  readonly line: number;
}

/** What is known about one source. */
export interface ModuleFacts {
  readonly imports: readonly ImportFact[];
  readonly names: readonly NameFact[];
  readonly hasDefaultExport: boolean;
  readonly hasExportAll: boolean;
  readonly errors: readonly string[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [property: string]: unknown;
}

/** Parses the text; `path` tells a declaration file from a source. */
export function readModule(path: string, text: string): ModuleFacts {
  const { program, errors } = parseSync(path, text);
  const imports: ImportFact[] = [];
  const names: NameFact[] = [];
  const types = new Set<string>();
  const lineOf = (node: Node) => text.slice(0, node.start).split("\n").length;
  walk(program as unknown as Node, undefined, (node, parent) => {
    types.add(node.type);
    const specifier = specifierOf(node);
    if (specifier !== undefined) imports.push({ specifier, typeOnly: isTypeOnly(node), line: lineOf(node) });
    const name = nameOf(node, parent);
    if (name !== undefined) names.push({ name, line: lineOf(node) });
  });
  return {
    imports,
    names,
    hasDefaultExport: types.has("ExportDefaultDeclaration") || /\bas default\b/.test(exportLists(text)),
    hasExportAll: types.has("ExportAllDeclaration"),
    errors: errors.map((error) => error.message),
  };
}

function walk(node: Node, parent: Node | undefined, visit: (node: Node, parent: Node | undefined) => void): void {
  visit(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, node, visit);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function specifierOf(node: Node): string | undefined {
  if (!/^(Import|TSImportType|Export(All|Named)Declaration)/.test(node.type)) return undefined;
  const source = node["source"];
  return isNode(source) && typeof source["value"] === "string" ? source["value"] : undefined;
}

function isTypeOnly(node: Node): boolean {
  if (node["importKind"] === "type" || node["exportKind"] === "type" || node.type === "TSImportType") return true;
  const specifiers = node["specifiers"];
  if (!Array.isArray(specifiers) || specifiers.length === 0) return false;
  return specifiers.every((one) => isNode(one) && (one["importKind"] === "type" || one["exportKind"] === "type"));
}

/** Undefined where the identifier only names a property, and inside `x.now`, which is told once, as "x.now". */
function nameOf(node: Node, parent: Node | undefined): string | undefined {
  if (node.type === "MemberExpression") return memberName(node);
  if (node.type === "NewExpression") return isBareNewDate(node) ? "new Date()" : undefined;
  if (node.type !== "Identifier" || parent === undefined) return undefined;
  if (parent["computed"] === false && (parent["property"] === node || parent["key"] === node)) {
    return parent["shorthand"] === true ? identifier(node) : undefined;
  }
  const labels = ["ImportSpecifier", "ExportSpecifier", "TSQualifiedName", "LabeledStatement"];
  if (labels.includes(parent.type) && parent["left"] !== node) return undefined;
  return identifier(node);
}

function memberName(node: Node): string | undefined {
  const object = identifier(node["object"]);
  const property = identifier(node["property"]);
  return node["computed"] === false && object !== undefined ? `${object}.${property}` : undefined;
}

function isBareNewDate(node: Node): boolean {
  const inputs = node["arguments"];
  return identifier(node["callee"]) === "Date" && Array.isArray(inputs) && inputs.length === 0;
}

function identifier(value: unknown): string | undefined {
  return isNode(value) && value.type === "Identifier" ? String(value["name"]) : undefined;
}

function exportLists(text: string): string {
  return [...text.matchAll(/^export (?:type )?\{[^}]*\}/gm)].map((match) => match[0]).join("\n");
}

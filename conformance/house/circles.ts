// Finds import circles in a graph of names. Pure; knows nothing of files.

/** One line per circle found on a depth-first walk: "import circle: a -> b -> a". No circle, no line. */
export function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (name: string, path: readonly string[]) => {
    const at = path.indexOf(name);
    if (at >= 0) {
      found.push(`import circle: ${[...path.slice(at), name].join(" -> ")}`);
      return;
    }
    if (done.has(name)) return;
    for (const next of new Set(graph.get(name) ?? [])) visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of graph.keys()) visit(name, []);
  return found;
}

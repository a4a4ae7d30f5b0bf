// `npm run generate`: writes the generated parts of the READMEs anew. It changes nothing else.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedReadmes, regenerated } from "./house/generated.ts";
import { projectRoot } from "./runner/project.ts";

const limitsSource = readFileSync(join(projectRoot, "src/contract/limits.ts"), "utf8");
for (const path of generatedReadmes) {
  const file = join(projectRoot, path);
  writeFileSync(file, regenerated(readFileSync(file, "utf8"), limitsSource));
}

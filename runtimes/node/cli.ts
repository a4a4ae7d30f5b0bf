#!/usr/bin/env node
// The program `headrace` on Node. It joins the command line to this host and does nothing else.
import { run } from "../../src/cli/main.ts";
import { cliHost, exit } from "../shared/cli-host.ts";

exit(await run(cliHost()));

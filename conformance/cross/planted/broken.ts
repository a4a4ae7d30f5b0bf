// Planted for runner.test.ts: throws while it is loaded, so it declares no test.
throw new Error("planted at load");

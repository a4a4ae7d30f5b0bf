// What the tcp transport reads from a URL, over a made-up capability. The links themselves are tested with the runtimes.
import { runtime } from "#runtime";
import { describe, expect, it } from "#test";
import { LinkError, UsageError } from "../src/contract/errors.ts";
import type { Link } from "../src/contract/link.ts";
import type { Runtime, Tcp } from "../src/contract/runtime.ts";
import { tcp } from "./tcp.ts";

/** A runtime whose TCP notes what is asked of it. A connect to port 99 never ends by itself. */
function noting(): { readonly runtime: Runtime; readonly asked: string[] } {
  const asked: string[] = [];
  const capability: Tcp = {
    connect({ host, port, signal }) {
      asked.push(`connect ${host} ${port}`);
      if (port !== 99) return Promise.resolve({} as Link);
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    },
    listen({ host, port }) {
      asked.push(`listen ${host} ${port}`);
      return Promise.resolve({ host, port: 4_711, close: () => Promise.resolve(void asked.push("close")) });
    },
  };
  return { runtime: { ...runtime, capabilities: { tcp: capability } }, asked };
}

describe("the tcp transport", () => {
  it("takes host and port from the URL", async () => {
    const { runtime: host, asked } = noting();
    await tcp.dial(host, new URL("tcp://example.org:7878"), {});
    await tcp.dial(host, new URL("tcp://[::1]:80/"), {});
    const listener = await tcp.listen?.(host, new URL("tcp://[::]:0"), {}, () => {});
    expect(asked).toEqual(["connect example.org 7878", "connect ::1 80", "listen :: 0"]);
    expect(listener?.url).toBe("tcp://[::]:4711");
    await listener?.[Symbol.asyncDispose]();
    expect(await listener?.closed).toMatchObject({ code: "link-closed" });
  });

  it("refuses what a URL should not say", async () => {
    const { runtime: host, asked } = noting();
    const wrong = [
      "tcp://h",
      "tcp://",
      "tcp://h:0",
      "tcp://h:1/path",
      "tcp://h:1?q",
      "tcp://h:1#f",
      "tcp://u:secret@h:1",
    ];
    for (const url of wrong) {
      const error: unknown = await tcp.dial(host, new URL(url), {}).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UsageError);
      expect((error as UsageError).code).toBe("bad-argument");
      expect((error as UsageError).message).toContain("Write it like tcp://127.0.0.1:7878.");
      expect((error as UsageError).message).not.toContain("secret");
    }
    expect(asked).toEqual([]);
  });

  it("says what a runtime without TCP lacks", async () => {
    const without: Runtime = { ...runtime, name: "browser", capabilities: {} };
    await expect(tcp.dial(without, new URL("tcp://h:1"), {})).rejects.toMatchObject({ code: "missing-capability" });
  });

  it("gives up after timeoutMs, or when the signal says so, whichever is first", async () => {
    const { runtime: host } = noting();
    const url = new URL("tcp://h:99");
    const error: unknown = await tcp.dial(host, url, { timeoutMs: 5 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LinkError);
    expect(error).toMatchObject({ code: "link-timeout", reason: "timeout" });
    const control = new AbortController();
    const dialling = tcp.dial(host, url, { timeoutMs: 60_000, signal: control.signal });
    control.abort("changed my mind");
    expect(await dialling.catch((reason: unknown) => reason)).toBe("changed my mind");
    const refused = tcp.dial(host, url, { timeoutMs: 60_000, signal: control.signal });
    expect(await refused.catch((reason: unknown) => reason)).toBe("changed my mind");
  });
});

// Every host error this library knows, and what becomes of one it does not know.
import { describe, expect, it } from "#test";
import { LinkError, UsageError } from "../../src/contract/errors.ts";
import { abortedError, fileError, linkError, openError } from "./node-errors.ts";

function errno(code: string): Error {
  return Object.assign(new Error(`host says ${code}`), { code });
}

describe("the errors of a host", () => {
  const rows = [
    ["ECONNREFUSED", "link-refused", "refused"],
    ["ECONNRESET", "link-reset", "reset"],
    ["EPIPE", "link-reset", "reset"],
    ["ETIMEDOUT", "link-timeout", "timeout"],
    ["ENOTFOUND", "link-unreachable", "unreachable"],
    ["EAI_AGAIN", "link-unreachable", "unreachable"],
    ["EHOSTUNREACH", "link-unreachable", "unreachable"],
    ["ENETUNREACH", "link-unreachable", "unreachable"],
    ["EADDRINUSE", "port-in-use", "in-use"],
    ["ENEW", "link-unreachable", "unreachable"],
  ] as const;
  for (const [host, code, reason] of rows) {
    it(`${host} becomes ${code}`, () => {
      const cause = errno(host);
      const error = openError(cause, "connecting to", "h:1");
      expect(error).toBeInstanceOf(LinkError);
      expect(error).toMatchObject({ code, reason });
      expect(error.cause).toBe(cause);
      expect(error.message).toContain("Connecting to h:1 failed: ");
      expect(error.message).toContain(`(${host}). `);
    });
  }

  it("look into an error for several addresses", () => {
    const error = new AggregateError([errno("ECONNREFUSED"), errno("ENETUNREACH")]);
    expect(openError(error, "connecting to", "localhost:1").code).toBe("link-refused");
  });

  it("are the caller's where the caller can change it", () => {
    const denied = Object.assign(new Error("Requires net access"), { name: "NotCapable" });
    for (
      const cause of [errno("EACCES"), errno("EPERM"), errno("EADDRNOTAVAIL"), errno("ERR_SOCKET_BAD_PORT"), denied]
    ) {
      const error = openError(cause, "listening on", "0.0.0.0:80");
      expect(error).toBeInstanceOf(UsageError);
      expect(error.code).toBe("bad-argument");
      expect(error.cause).toBe(cause);
      expect(error.message).toMatch(/^Listening on 0\.0\.0\.0:80 failed: .+\. (Choose|Listen)/);
    }
  });

  it("break a link as a reset when nothing else is known", () => {
    expect(linkError(errno("EWHAT"), "talking to", "h:1")).toMatchObject({ code: "link-reset", reason: "reset" });
    expect(linkError("a string", "talking to", "h:1").message).toContain("(a string)");
    expect(abortedError("h:1")).toMatchObject({ code: "link-closed", reason: "closed" });
  });

  it("name the file", () => {
    expect(fileError(errno("ENOENT"), "a.txt").message).toContain("Reading a.txt failed: there is no such file.");
    expect(fileError(errno("EIO"), "a.txt").message).toContain("host says EIO");
  });
});

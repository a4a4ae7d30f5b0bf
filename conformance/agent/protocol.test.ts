// Messages of both sides: what is understood, and what every wrong one is answered with.
import { describe, expect, it } from "#test";
import { parseAgentMessage, parseCall } from "./protocol.ts";

describe("a call", () => {
  it("is understood", () => {
    expect(parseCall('{"v":1,"id":1,"op":"hello","more":true}')).toEqual({ id: 1, request: { op: "hello" } });
    expect(parseCall('{"v":1,"id":2,"op":"listen","url":"tcp://h:0","files":{"a":"/b"}}')).toEqual({
      id: 2,
      request: { op: "listen", url: "tcp://h:0", files: new Map([["a", "/b"]]) },
    });
    expect(parseCall('{"v":1,"id":3,"op":"run","case":"items","url":"tcp://h:1","deadlineMs":5}')).toEqual({
      id: 3,
      request: { op: "run", case: "items", url: "tcp://h:1", params: {}, deadlineMs: 5 },
    });
    expect(parseCall('{"v":1,"id":3,"op":"listen","url":"tls://h:0","tls":{"ca":"A","cert":"C","key":"K","x":1}}'))
      .toEqual({
        id: 3,
        request: { op: "listen", url: "tls://h:0", files: new Map(), tls: { ca: "A", cert: "C", key: "K" } },
      });
    expect(parseCall('{"v":1,"id":4,"op":"dance"}')).toEqual({ id: 4, request: { op: "unknown", name: "dance" } });
  });

  const wrong: readonly (readonly [line: string, id: number | null, problem: string])[] = [
    ["", null, "not JSON"],
    ["{", null, "not JSON"],
    ["null", null, "not an object"],
    ["[1]", null, "not an object"],
    ['{"id":7,"op":"hello"}', 7, '"v" is not 1'],
    ['{"v":1,"op":"hello"}', null, '"id"'],
    ['{"v":1,"id":-1,"op":"hello"}', null, '"id"'],
    ['{"v":1,"id":8}', 8, '"op"'],
    ['{"v":1,"id":9,"op":"listen"}', 9, '"url"'],
    ['{"v":1,"id":9,"op":"listen","url":"x","files":{"a":1}}', 9, '"a"'],
    ['{"v":1,"id":9,"op":"listen","url":"x","files":[]}', 9, '"files"'],
    ['{"v":1,"id":9,"op":"run","case":"x","url":"y","params":3}', 9, '"params"'],
    ['{"v":1,"id":9,"op":"run","case":"x","url":"y","tls":"z"}', 9, '"tls"'],
    ['{"v":1,"id":9,"op":"run","case":"x","url":"y","tls":{"ca":1}}', 9, '"ca"'],
    ['{"v":1,"id":9,"op":"waitFor","min":{"timers":1.5}}', 9, '"timers"'],
  ];
  for (const [line, id, problem] of wrong) {
    it(`is refused: ${JSON.stringify(line)}`, () => {
      const parsed = parseCall(line);
      expect(parsed).toMatchObject({ id, problem: expect.stringContaining(problem) });
    });
  }
});

describe("a message of an agent", () => {
  it("is understood", () => {
    expect(parseAgentMessage('{"v":1,"id":1,"ok":{"a":1}}')).toEqual({ v: 1, id: 1, ok: { a: 1 } });
    expect(parseAgentMessage('{"v":1,"id":null,"error":{"message":"m","code":"bad-line"}}'))
      .toEqual({ v: 1, id: null, error: { message: "m", code: "bad-line" } });
    expect(parseAgentMessage('{"v":1,"id":2,"unsupported":{"feature":"op:x"}}'))
      .toEqual({ v: 1, id: 2, unsupported: { feature: "op:x" } });
    expect(parseAgentMessage('{"v":1,"ev":"progress","id":3,"bytes":9}')).toMatchObject({ ev: "progress", bytes: 9 });
    expect(parseAgentMessage('{"v":1,"ev":"fatal","kind":"k","message":"m"}')).toMatchObject({
      ev: "fatal",
      kind: "k",
    });
  });

  for (const line of ["hello", '{"v":1}', '{"id":1,"ok":{}}', '{"v":1,"id":1,"ok":3}', '{"v":1,"id":"1","ok":{}}']) {
    it(`is none: ${JSON.stringify(line)}`, () => {
      expect(() => parseAgentMessage(line)).toThrow();
    });
  }
});

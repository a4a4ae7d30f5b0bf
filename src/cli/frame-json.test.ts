// Frames as JSON: what is shown and what is not, what may be left out, and messages that name the field.
import { describe, expect, it } from "#test";
import { isFault } from "../bytes/fault.ts";
import { fromHex, toHex } from "../bytes/hex.ts";
import { decodeFrame } from "../rsocket/decode.ts";
import { encodeFrame } from "../rsocket/encode.ts";
import { exactJson, parseExactJson } from "./exact-json.ts";
import { frameFromJson, frameToJson } from "./frame-json.ts";

const shown = (hex: string) => {
  const frame = decodeFrame(fromHex(hex)!);
  return isFault(frame) ? frame.fault : exactJson(frameToJson(frame).fields);
};
const encoded = (text: string) => toHex(encodeFrame(frameFromJson(parseExactJson(text))));

describe("frames as JSON", () => {
  it("show the data of a PAYLOAD unless it is empty and N is clear", () => {
    expect(shown("000000012800")).toBe('{"stream_id":1}');
    expect(shown("000000012840")).toBe('{"stream_id":1,"complete":true}');
    expect(shown("00000001284078")).toBe('{"stream_id":1,"complete":true,"data":"78"}');
    expect(shown("00000001280078")).toBe('{"stream_id":1,"data":"78"}');
    expect(shown("000000012820")).toBe('{"stream_id":1,"next":true,"data":""}');
    expect(shown("0000000128a0")).toBe('{"stream_id":1,"follows":true,"next":true,"data":""}');
  });

  it("show the I flag where it is not what the type has by default", () => {
    expect(shown("000000012600")).toBe('{"stream_id":1,"ignore":true}');
    expect(shown("00000000fe0000000001")).toBe('{"stream_id":0,"ext_type":1,"data":""}');
    expect(shown("00000000fc0000000001")).toBe('{"stream_id":0,"ignore":false,"ext_type":1,"data":""}');
    expect(encoded('{"type":"EXT","fields":{"stream_id":0,"ext_type":1}}')).toBe("00000000fe0000000001");
    expect(encoded('{"type":"EXT","fields":{"stream_id":0,"ext_type":1,"ignore":true}}')).toBe("00000000fe0000000001");
    expect(encoded('{"type":"EXT","fields":{"stream_id":0,"ext_type":1,"ignore":false}}')).toBe("00000000fc0000000001");
  });

  it("tell empty metadata and tokens from none", () => {
    expect(shown("000000011100000000")).toBe('{"stream_id":1,"metadata":"","data":""}');
    expect(shown("0000000009000000000000000000")).toBe('{"stream_id":0,"ttl":0,"requests":0,"metadata":""}');
    const setup = '"major":1,"minor":0,"keepalive_ms":1,"lifetime_ms":2,"metadata_mime":"","data_mime":""';
    const bytes = "00000000048000010000000000010000000200000000";
    expect(shown(bytes)).toBe(`{"stream_id":0,${setup},"resume_token":""}`);
    expect(encoded(`{"type":"SETUP","fields":{"stream_id":0,${setup},"resume_token":""}}`)).toBe(bytes);
  });

  it("write positions as exact digits, with a twin beyond 2^53-1", () => {
    expect(shown("000000003800001fffffffffffff")).toBe('{"stream_id":0,"position":9007199254740991}');
    expect(shown("0000000038000020000000000000")).toContain('"position_str":"9007199254740992"');
    expect(shown("0000000038000020000000000001")).toBe(
      '{"stream_id":0,"position":9007199254740993,"position_str":"9007199254740993"}',
    );
  });

  it("read positions from the twin first, else from exact digits", () => {
    const ok = (members: string) => encoded(`{"type":"RESUME_OK","fields":{"stream_id":0,${members}}}`);
    expect(ok('"position":1,"position_str":"2"')).toBe("0000000038000000000000000002");
    expect(ok('"position_str":"9223372036854775807"')).toBe("0000000038007fffffffffffffff");
    expect(ok('"position":9007199254740993')).toBe("0000000038000020000000000001");
    expect(() => ok('"position":1.5')).toThrow("fields.position must be an exact integer");
    expect(() => ok('"position":1e18')).toThrow("fields.position must be an exact integer");
    expect(() => ok('"position":9223372036854775808')).toThrow("2^63-1");
    expect(() => ok('"position_str":"0x1"')).toThrow("fields.position_str must be 1 to 20 decimal digits");
    expect(() => ok('"position":1,"data":""')).toThrow('unknown member "data"');
  });

  it("let flags and data be left out, and take null for left out", () => {
    expect(encoded('{"type":"PAYLOAD","fields":{"stream_id":1,"next":null,"data":null,"complete":false}}')).toBe(
      "000000012800",
    );
    expect(encoded('{"type":"KEEPALIVE","fields":{"stream_id":0,"position":0}}')).toBe("000000000c000000000000000000");
    expect(encoded('{"name":"x","type":"CANCEL","fields":{"stream_id":1},"hex":""}')).toBe("000000012400");
  });

  it("name what is wrong", () => {
    const of = (text: string) => () => encoded(text);
    expect(of("[]")).toThrow("The line must be an object");
    expect(of("null")).toThrow("The line must be an object");
    expect(of("{}")).toThrow("The line.type is missing");
    expect(of('{"type":"CANCEL"}')).toThrow("The line.fields is missing");
    expect(of('{"type":"CANCEL","fields":[]}')).toThrow("The line.fields must be an object");
    expect(of('{"type":"toString","fields":{}}')).toThrow('Unknown type "toString"');
    expect(of('{"type":"CANCEL","fields":{}}')).toThrow("fields.stream_id is missing; it must be a number");
    expect(of('{"type":"CANCEL","fields":{"stream_id":"1"}}')).toThrow("fields.stream_id must be a number");
    expect(of('{"type":"CANCEL","fields":{"stream_id":1,"requestN":1}}')).toThrow('unknown member "requestN"');
    expect(of('{"type":"CANCEL","fields":{"stream_id":1,"__proto__":1}}')).toThrow('unknown member "__proto__"');
    expect(of('{"type":"CANCEL","fields":{"stream_id":-1}}')).toThrow("streamId -1");
    expect(of('{"type":"CANCEL","fields":{"stream_id":9223372036854775807}}')).toThrow(
      "fields.stream_id must be a number",
    );
    expect(of('{"type":"PAYLOAD","fields":{"stream_id":1,"next":1}}')).toThrow("fields.next must be true or false");
    expect(of('{"type":"PAYLOAD","fields":{"stream_id":1,"data":"0g"}}')).toThrow("fields.data: Not hexadecimal");
    expect(of('{"type":"PAYLOAD","fields":{"stream_id":1,"data":1234567890123456}}')).toThrow(
      "fields.data must be a string",
    );
  });
});

// How the main job shows that it goes on: bars on a terminal, a line a cell elsewhere. It decides nothing.
import cliProgress from "cli-progress";
import type { CellListener, CellResult } from "./main-cells.ts";
import { megabytesPerSecond } from "./main-report.ts";

/** A listener that draws, and the end of its drawing. */
export interface Progress extends CellListener {
  stop(): void;
}

/** Bars when the stream is a terminal. */
export function createProgress(stream: NodeJS.WriteStream, cells: number): Progress {
  return stream.isTTY ? bars(stream, cells) : lines(stream);
}

function bars(stream: NodeJS.WriteStream, cells: number): Progress {
  const format = "{bar} {percentage}% {title}";
  const multi = new cliProgress.MultiBar({ stream, format, hideCursor: true, clearOnComplete: true, barsize: 30 });
  const all = multi.create(cells, 0, { title: `of ${cells} cells` });
  const current = multi.create(1, 0, { title: "starting the agents" });
  return {
    begin(title, bytes) {
      current.start(Math.max(bytes, 1), 0, { title });
    },
    advance: (bytes) => current.update(bytes),
    end(result) {
      current.update(current.getTotal(), { title: `${nameOf(result)}: ${result.verdict}` });
      all.increment();
    },
    stop: () => multi.stop(),
  };
}

function lines(stream: NodeJS.WriteStream): Progress {
  const print = (line: string) => stream.write(line + "\n");
  print("starting the agents");
  return {
    begin() {},
    advance() {},
    end(result) {
      const how = result.verdict === "pass" ? `${megabytesPerSecond(result)} MB/s` : result.reason ?? "";
      print(`${nameOf(result)}: ${result.verdict}, ${how}`);
    },
    stop() {},
  };
}

function nameOf({ client, server, transport }: CellResult): string {
  return `${client} <- ${server} over ${transport}`;
}

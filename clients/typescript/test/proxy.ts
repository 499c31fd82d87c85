// The edge of the network: passes requests on to the real server, and breaks what a test says.
import http from "node:http";
import type { AddressInfo } from "node:net";
import { env } from "node:process";

export interface Passed {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** Breaks a request, by its number from 0; `false` lets it pass. */
export type Fault = (response: http.ServerResponse, request: Passed, number: number) => unknown;

export const SERVER = env["KEEPSAKE_URL"]!;

/**
 * A proxy before the real server. `cutAfter` says when an answer has gone far enough: a stream is
 * cut off there, and an answer in one piece never arrives.
 */
export async function proxy(
  fault: Fault = () => false,
  cutAfter: (text: string, number: number) => boolean = () => false,
): Promise<{ url: string; passed: Passed[]; close: () => void }> {
  const passed: Passed[] = [];
  const server = http.createServer((request, response) => {
    const about = { method: request.method!, path: request.url!, headers: request.headers };
    const number = passed.push(about) - 1;
    if (fault(response, about, number)) return;
    const onward = http.request(SERVER + request.url, {
      method: request.method!,
      headers: request.headers,
    });
    onward.on("response", (answer) => {
      let [text, isCut] = ["", false];
      answer.on("data", (chunk: Buffer) => {
        text += chunk;
        isCut ||= cutAfter(text, number);
        if (isCut && answer.headers["content-length"]) return response.destroy();
        if (!response.headersSent) response.writeHead(answer.statusCode!, answer.headers);
        return response.write(chunk, () => isCut && response.destroy());
      });
      answer.on("end", () => {
        if (isCut) return;
        if (!response.headersSent) response.writeHead(answer.statusCode!, answer.headers);
        response.end();
      });
    });
    response.on("close", () => onward.destroy());
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, passed, close };
}

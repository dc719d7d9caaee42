// unpack.mjs: lays the vectors of the npm package cctv-age out as files, one a vector: its lines of
// "key: value", an empty line, and the age file, no longer compressed.
//
// usage: node unpack.mjs FOLDER     (from a folder with node_modules)
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inflateSync } from "node:zlib";

const folder = process.argv[2];
const at = createRequire(join(process.cwd(), "package.json")).resolve("cctv-age");
const vectors = await import(pathToFileURL(at));
mkdirSync(folder, { recursive: true });
for (const [name, bytes] of Object.entries(vectors)) {
    const file = Buffer.from(bytes);
    const end = file.indexOf("\n\n");
    if (!/^[a-z0-9_]+$/.test(name) || end < 0) throw new Error(`${name} is no vector`);
    const lines = file.subarray(0, end).toString().split("\n");
    const packed = lines.includes("compressed: zlib");
    const age = file.subarray(end + 2);
    const head = lines.filter((line) => !line.startsWith("compressed: ")).join("\n");
    writeFileSync(join(folder, name), Buffer.concat([Buffer.from(`${head}\n\n`), packed ? inflateSync(age) : age]));
}

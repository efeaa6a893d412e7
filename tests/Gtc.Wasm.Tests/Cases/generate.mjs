// Writes the cases of every instruction that computes, loads or stores: number-*.wast, vector-*.wast, access.wast. What is expected comes from Node's
// WebAssembly, an engine that shares nothing with this one.     node tests/Gtc.Wasm.Tests/Cases/generate.mjs     (needs wabt's wat2wasm)
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const table = join(here, "../../../src/Gtc.Wasm/Instructions");
const rows = ["Core", "Vector"].flatMap((part) =>
  [...readFileSync(join(table, `InstructionTable.${part}.cs`), "utf8").matchAll(/Row\(Opcode\.\w+, "([^"]+)", (null|"[^"]*")(?:, Immediate\.(\w+))?(?:, (\d+))?\)/g)]
    .map(([, name, signature, immediate, width]) => ({ name, signature: signature === "null" ? null : signature.slice(1, -1), immediate: immediate ?? "None", width: Number(width ?? 0) })));

const types = { i: "i32", l: "i64", f: "f32", d: "f64", v: "v128" };
const sizes = { i: 4, l: 8, f: 4, d: 8, v: 16 };
const scratch = mkdtempSync(join(tmpdir(), "cases-"));

// Operands, as the bytes that stand for them.
const bytesOf = (size, write) => { const view = new DataView(new ArrayBuffer(size)); write(view); return new Uint8Array(view.buffer); };
const i32 = (number) => bytesOf(4, (view) => view.setInt32(0, number | 0, true));
const i64 = (number) => bytesOf(8, (view) => view.setBigUint64(0, BigInt.asUintN(64, number), true));
const f32 = (number) => bytesOf(4, (view) => view.setFloat32(0, number, true));
const f64 = (number) => bytesOf(8, (view) => view.setFloat64(0, number, true));
const raw32 = (bits) => bytesOf(4, (view) => view.setUint32(0, bits, true));
const raw64 = (bits) => bytesOf(8, (view) => view.setBigUint64(0, bits, true));
const lanes = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

const integers = [0n, 1n, -1n, 2n, 7n, -3n, 31n, 33n, 64n];
const floats = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1e10, -1e10, Infinity, -Infinity, 4.2e18];
const edges = {
  i: [...integers.map((number) => i32(Number(number))), i32(0x7fffffff), i32(0x80000000), i32(0x12345678), i32(0x8000), i32(0x80)],
  l: [...integers.map(i64), i64(0x7fffffffffffffffn), i64(0x8000000000000000n), i64(0x0123456789abcdefn), i64(0xffffffffn), i64(0x8000000000000401n)],
  f: [...floats.map(f32), f32(2147483520), f32(2147483648), f32(-2147483648), f32(4294967040), f32(4294967296), f32(9223371487098961920), f32(9223372036854775808), f32(18446742974197923840), f32(18446744073709551616),
    f32(16777215.5), f32(8388609), raw32(1), raw32(0x7f7fffff), raw32(0x7fc00000), raw32(0xffc00000)],
  d: [...floats.map(f64), f64(2147483647), f64(2147483647.9), f64(2147483648), f64(-2147483648.9), f64(-2147483649), f64(4294967295.9), f64(4294967296), f64(9223372036854774784), f64(9223372036854775808), f64(18446744073709549568), f64(18446744073709551616),
    f64(16777217), f64(1.0000000596046448), f64(3.4028235677973366e38), f64(1e-46), f64(4503599627370497.5), raw64(1n), raw64(0x7fefffffffffffffn), raw64(0x7ff8000000000000n), raw64(0xfff8000000000000n)],
};
const vectors = {
  i8x16: [lanes(...[0, 1, 127, 128, 255, 2, 3, 200, 17, 64, 99, 129, 254, 16, 15, 31].map((byte) => [byte])), lanes(...[255, 255, 127, 128, 1, 0, 15, 100, 30, 192, 99, 255, 2, 16, 0, 5].map((byte) => [byte])), new Uint8Array(16), new Uint8Array(16).fill(255)],
  i16x8: [0x0001, 0x7fff, 0x8000, 0xffff, 0x00ff, 0x1234, 0x8001, 0x0080],
  i32x4: [0x80000000, 0x7fffffff, 0xffffffff, 0x00010000],
};
vectors.i16x8 = [vectors.i16x8, [0xffff, 0x7fff, 0x8000, 1, 0x0100, 0x4321, 0x8001, 0]].map((list) => lanes(...list.map((number) => bytesOf(2, (view) => view.setUint16(0, number, true))))).concat(vectors.i8x16);
vectors.i32x4 = [vectors.i32x4, [0x80000000, 1, 0xffffffff, 0xfffe8000]].map((list) => lanes(...list.map((number) => raw32(number)))).concat(vectors.i8x16);
vectors.i64x2 = [[0x8000000000000000n, -1n], [0x7fffffffffffffffn, -1n], [0x100000001n, -2n]].map((list) => lanes(...list.map(i64))).concat(vectors.i8x16.slice(0, 2));
vectors.v128 = vectors.i8x16;
vectors.f32x4 = [[0, -0, 1.5, -2.5], [-0, 0, NaN, 3e38], [Infinity, -Infinity, 0.5, 2147483648], [-1, 1e10, 4.5, 3e38], [1e-40, -4294967296, 8388609, -0.5]].map((list) => lanes(...list.map(f32)));
vectors.f64x2 = [[0, -0], [-0, 0], [1.5, -2.5], [NaN, 1e300], [Infinity, -Infinity], [2147483648, -2147483649], [1e-310, 4294967295.5]].map((list) => lanes(...list.map(f64)));

// The shape whose lanes an instruction reads.
function shapeOf(name) {
  const reads = name.match(/_(i8x16|i16x8|i32x4|i64x2|f32x4|f64x2)/)?.[1];
  return reads ?? name.match(/^(i8x16|i16x8|i32x4|i64x2|f32x4|f64x2)/)?.[1] ?? "v128";
}

function compile(text) {
  const file = join(scratch, "case.wat");
  writeFileSync(file, text);
  execFileSync("wat2wasm", [file, "-o", join(scratch, "case.wasm")]);
  return new WebAssembly.Module(readFileSync(join(scratch, "case.wasm")));
}

const load = (letter, at) => `(${types[letter]}.load (i32.const ${at}))`;
const hex = (bytes) => "0x" + [...bytes].reverse().map((byte) => byte.toString(16).padStart(2, "0")).join("");

function literal(letter, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (letter === "v") {
    return `(v128.const i32x4 ${[0, 4, 8, 12].map((at) => hex(bytes.slice(at, at + 4))).join(" ")})`;
  }
  return `(${types[letter]}.const ${letter === "i" || letter === "l" ? hex(bytes) : number(letter === "f" ? view.getFloat32(0, true) : view.getFloat64(0, true), bytes)})`;
}

function number(value, bytes) {
  if (Number.isNaN(value)) {
    const negative = bytes[bytes.length - 1] & 0x80 ? "-" : "";
    const payload = bytes.length === 4 ? BigInt(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) & 0x7fffff) : new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) & 0xfffffffffffffn;
    return `${negative}nan:0x${payload.toString(16)}`;
  }
  return Object.is(value, -0) ? "-0" : value === Infinity ? "inf" : value === -Infinity ? "-inf" : String(value);
}

// Not-a-numbers that are computed may have either sign; those that are only moved keep their bits.
const moves = /(abs|neg|copysign|reinterpret|load|splat|lane|pmin|pmax|select|shuffle|const)/;
function expectation(name, letter, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if ((letter === "f" || letter === "d") && !moves.test(name) && Number.isNaN(letter === "f" ? view.getFloat32(0, true) : view.getFloat64(0, true))) {
    return `(${types[letter]}.const nan:canonical)`;
  }
  const shape = name.match(/^(f32x4|f64x2)/)?.[1];
  if (letter === "v" && shape && !moves.test(name) && !/\.(eq|ne|lt|gt|le|ge)$/.test(name)) {
    const size = shape === "f32x4" ? 4 : 8;
    const parts = [];
    for (let at = 0; at < 16; at += size) {
      const lane = size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
      parts.push(Number.isNaN(lane) ? "nan:canonical" : number(lane, bytes.slice(at, at + size)));
    }
    return `(v128.const ${shape} ${parts.join(" ")})`;
  }
  return literal(letter, bytes);
}

function operandSets(row) {
  const [operands] = row.signature.split(":");
  const pools = [...operands].map((letter, place) => letter === "v" ? vectors[shapeOf(row.name)] : row.immediate === "None" && operands.includes("v") && place > 0 ? edges.i : edges[letter]);
  if (pools.length === 1) {
    return pools[0].map((one) => [one]);
  }
  const sets = [];
  const isVector = operands.includes("v");
  for (let first = 0; first < pools[0].length; first++) {
    for (let second = 0; second < pools[1].length; second++) {
      // All pairs of the values that matter most, and a diagonal through the rest.
      const kept = isVector ? second <= first + 1 && second + 2 >= first : (first < 5 && second < 5) || (first * 7 + second * 3) % 11 === 0;
      if (kept) {
        sets.push(pools.length === 3 ? [pools[0][first], pools[1][second], pools[2][(first + second) % pools[2].length]] : [pools[0][first], pools[1][second]]);
      }
    }
  }
  return sets;
}

function instance(cases) {
  const functions = cases.map(({ label, body, result }) => `(func (export "${label}") ${result ? `(${types[result]}.store (i32.const 256) ${body("memory")})` : body("memory")})`);
  return new WebAssembly.Instance(compile(`(module (memory (export "memory") 1) ${functions.join("\n")})`)).exports;
}

function assertionsOf(exports, one, set) {
  const memory = new Uint8Array(exports.memory.buffer);
  set.forEach((bytes, place) => memory.set(bytes, place * 16));
  const call = `(invoke "${one.label}"${set.map((bytes, place) => " " + literal(one.operands[place], bytes)).join("")})`;
  try {
    exports[one.label]();
  } catch (trap) {
    const words = { "divide by zero": "integer divide by zero", "remainder by zero": "integer divide by zero", "divide result unrepresentable": "integer overflow", "float unrepresentable in integer range": "trunc" }[trap.message];
    const isNaN = words === "trunc" && Number.isNaN(one.operands[0] === "f" ? new DataView(set[0].buffer).getFloat32(0, true) : new DataView(set[0].buffer).getFloat64(0, true));
    return `(assert_trap ${call} "${words === "trunc" ? (isNaN ? "invalid conversion to integer" : "integer overflow") : words}")`;
  }
  return `(assert_return ${call} ${expectation(one.name, one.result, memory.slice(256, 256 + sizes[one.result]))})`;
}

function immediatesOf(row) {
  switch (row.immediate) {
    case "None":
      return [""];
    case "Lane":
      return [...Array(16 / row.width).keys()].map((lane) => ` ${lane}`);
    default:
      return ["0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", "31 30 29 28 27 26 25 24 23 22 21 20 19 18 17 16", "0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23", "5 5 5 5 20 20 20 20 0 0 31 31 15 16 15 16"].map((list) => ` ${list}`);
  }
}

function computing(row) {
  const [operands, result] = row.signature.split(":");
  return immediatesOf(row).map((immediate, place) => ({
    name: row.name, operands, result, sets: immediate === "" ? operandSets(row) : operandSets(row).slice(0, 2),
    label: `${row.name}${row.immediate === "None" ? "" : `#${place}`}`,
    body: (from) => `(${row.name}${immediate} ${[...operands].map((letter, at) => from === "memory" ? load(letter, at * 16) : `(local.get ${at})`).join(" ")})`,
  }));
}

function write(file, title, cases) {
  const exports = instance(cases);
  const functions = cases.map((one) => `  (func (export "${one.label}") ${[...one.operands].map((letter) => `(param ${types[letter]})`).join(" ")} (result ${types[one.result]}) ${one.body("locals")})`);
  const assertions = cases.flatMap((one) => one.sets.map((set) => assertionsOf(exports, one, set)));
  writeFileSync(join(here, file), `;; ${title} Written by generate.mjs; expected values are those of Node's WebAssembly.\n(module\n${functions.join("\n")})\n\n${assertions.join("\n")}\n`);
  console.log(`${file}: ${assertions.length} assertions`);
}

const fixed = rows.filter((row) => row.signature && ["None", "Lane", "Shuffle"].includes(row.immediate) && row.signature !== ":");
for (const type of ["i32", "i64", "f32", "f64"]) {
  write(`number-${type}.wast`, `Every computation that gives or compares ${type}.`, fixed.filter((row) => row.name.startsWith(`${type}.`)).flatMap(computing));
}
for (const type of ["v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2"]) {
  write(`vector-${type}.wast`, `Every computation on vectors whose name starts with ${type}.`, fixed.filter((row) => row.name.startsWith(`${type}.`)).flatMap(computing));
}

// Loads and stores: every one at some places, with offsets, and at both sides of the end of the memory.
function accessing() {
  const lines = [];
  const parts = [];
  for (const row of rows.filter((row) => row.immediate === "Memory" || row.immediate === "MemoryLane")) {
    const [operands, result] = row.signature.split(":");
    const lane = row.immediate === "MemoryLane" ? ` ${16 / row.width - 1}` : "";
    const value = operands[1] ? { i: "(i32.const 0x81828384)", l: "(i64.const 0x8182838485868788)", f: "(f32.const -1.5)", d: "(f64.const -1.5)", v: "(v128.const i32x4 0x80818283 0x84858687 0x88898a8b 0x8c8d8e8f)" }[operands[1]] : "";
    for (const [place, offset, align] of [["aligned", 0, row.width], ["offset", 5, 1], ["far", 65520, 1]]) {
      parts.push({ label: `${row.name} ${place}`, row, result, offset, text: `(${row.name} offset=${offset} align=${align}${lane} (local.get 0) ${value})` });
    }
  }
  const bytes = Array.from({ length: 64 }, (_, place) => (place * 37 + 129) & 255);
  const data = bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  const functions = parts.map(({ label, text, result }) => `  (func (export "${label}") (param i32) (result i32)\n    ${result ? `(${types[result]}.store (i32.const 128) ${text})` : text} (call $sum))`);
  const module = `(module\n  (memory (export "memory") 1 1)\n  (data (i32.const 0) "${data}")\n  (data (i32.const 65472) "${data}")\n  (func $sum (result i32) (local $at i32) (local $sum i32)\n    (loop $more\n      (if (i32.eq (local.get $at) (i32.const 192)) (then (local.set $at (i32.const 65440))))\n      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (i32.load8_u (local.get $at))))\n      (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 65536))))\n    (local.get $sum))\n${functions.join("\n")})`;
  lines.push(module, "");
  const running = new WebAssembly.Instance(compile(module)).exports;
  for (const { label, row, offset } of parts) {
    const places = offset === 65520 ? [0, 16 - row.width, 17 - row.width, 16, -1] : [0, 3, 8];
    for (const place of places) {
      const call = `(invoke "${label}" (i32.const ${place}))`;
      try {
        lines.push(`(assert_return ${call} (i32.const ${running[label](place)}))`);
      } catch {
        lines.push(`(assert_trap ${call} "out of bounds memory access")`);
      }
    }
  }
  writeFileSync(join(here, "access.wast"), `;; Every load and store; each gives the sum of the memory afterwards. Written by generate.mjs; expected values are those of Node's WebAssembly.\n${lines.join("\n")}\n`);
  console.log(`access.wast: ${lines.length - 2} assertions`);
}

accessing();
rmSync(scratch, { recursive: true });

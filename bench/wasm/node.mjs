// Runs NAME=ARGUMENT:FILE… under node and prints, per module, "NAME RESULT MILLISECONDS": the best of some runs.
import { readFileSync } from 'node:fs';

const [runs, ...modules] = process.argv.slice(2);
for (const module of modules) {
  const [, name, argument, file] = /^([^=]+)=(\d+):(.*)$/.exec(module);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)));
  let best = Infinity, result;
  for (let run = 0; run < Number(runs); run++) {
    const start = performance.now();
    result = exports.run(Number(argument));
    best = Math.min(best, performance.now() - start);
  }
  console.log(`${name} ${result} ${best}`);
}

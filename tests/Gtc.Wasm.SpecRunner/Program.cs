using Gtc.Wasm.SpecRunner;

return SpecRun.Start(args, Console.Out);

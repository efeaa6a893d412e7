Console.Error.WriteLine("usage: Gtc.Wasm.SpecRunner DIR");
return 2;

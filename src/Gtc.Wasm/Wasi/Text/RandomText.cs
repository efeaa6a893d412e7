namespace Gtc.Wasm.Wasi;

/// <summary>The interfaces of <c>wasi:random</c> that are served, in WIT.</summary>
internal static class RandomText
{
    public const string Wit = """
    package wasi:random@0.2.6;
    interface random {
        get-random-bytes: func(len: u64) -> list<u8>;
        get-random-u64: func() -> u64;
    }
    interface insecure {
        get-insecure-random-bytes: func(len: u64) -> list<u8>;
        get-insecure-random-u64: func() -> u64;
    }
    interface insecure-seed {
        insecure-seed: func() -> tuple<u64, u64>;
    }
    """;
}

using Gtc.Model;

namespace Gtc.Store.Tests.Secrets;

public sealed class Secrets_survive_accidents
{
    public static TheoryData<string> Modes => ["{}", """{"mode":"sealed"}"""];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Writers_at_once_lose_nothing(string answers)
    {
        using var bench = new SecretBench(answers: answers);
        const int Each = 20;
        await Task.WhenAll(Enumerable.Range(0, 2).Select(writer => Task.Run(
            () =>
            {
                for (var i = 0; i < Each; i++)
                {
                    bench.Put($"acme/_/p{writer}/n{i}", $"{writer}-{i}");
                    bench.Put("acme/_/p/shared", $"{writer}-{i}");
                }
            },
            Workbench.Cancellation)));

        for (var i = 0; i < Each; i++)
        {
            bench.Text($"acme/_/p0/n{i}").ShouldBe($"0-{i}");
            bench.Text($"acme/_/p1/n{i}").ShouldBe($"1-{i}");
        }

        bench.Open().List().Value.Single(secret => secret.StoreUri.EndsWith("/shared", StringComparison.Ordinal)).Version.ShouldBe(2u * Each);
    }

    [Fact]
    public async Task A_writer_waits_for_whoever_holds_the_lock_beside_the_file()
    {
        using var bench = new SecretBench();
        bench.Put("acme/_/p/a", "x");
        Task<SecretVersion> waiting;
        using (var file = LinuxFileCalls.Instance.Open(bench.FilePath + ".lock", OpenWay.Append, AtomicFile.Private))
        {
            LinuxFileCalls.Instance.Lock(file, wait: false, "the sidecar").ShouldBeTrue("nobody holds it in between");
            waiting = Task.Run(() => bench.Put("acme/_/p/b", "ours"), Workbench.Cancellation);
            new ExistingRuntime(bench.FilePath).Put("secrets://local/acme/_/p/c", "theirs");
            waiting.IsCompleted.ShouldBeFalse();
        }

        await waiting;
        bench.Text("acme/_/p/b").ShouldBe("ours");
        bench.Text("acme/_/p/c").ShouldBe("theirs");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Power_lost_at_any_step_leaves_the_old_secret_or_the_new(string answers)
    {
        var seen = new List<string?>();
        for (var step = 1; ; step++)
        {
            using var bench = new SecretBench(answers: answers);
            bench.Put("acme/_/p/a", "old");
            using var value = SecretValue.Of("new").Value;
            var calls = new FaultyCalls { Step = step };
            if (!TryPut(bench, calls, value))
            {
                bench.Text("acme/_/p/a").ShouldBe("new");
                break;
            }

            seen.Add(bench.Text("acme/_/p/a"));
            bench.Put("acme/_/p/a", "next").ShouldNotBeNull("a lock does not outlive its holder");
        }

        seen.ShouldAllBe(text => text == "old" || text == "new");
        seen.ShouldContain("old");
        seen.ShouldContain("new");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_disk_error_at_any_step_is_a_refusal(string answers)
    {
        for (var step = 1; ; step++)
        {
            using var bench = new SecretBench(answers: answers);
            bench.Put("acme/_/p/a", "old");
            using var value = SecretValue.Of("new").Value;
            var calls = new FaultyCalls { Step = step, Errno = Errno.NoSpace };
            var outcome = bench.TryOpen(calls).Then(store => store.Put(bench.Uri("acme/_/p/a"), value));
            if (calls.Made.Count < step)
            {
                step.ShouldBeGreaterThan(4);
                break;
            }

            outcome.Refusal.ShouldBeOfType<Refusal.StoreFailed>();
            bench.Text("acme/_/p/a").ShouldBeOneOf("old", "new");
        }
    }

    [Fact]
    public void A_flipped_bit_in_a_shared_file_never_yields_another_value() => FlipEveryBit("{}", (bench, reading, expected) =>
    {
        if (reading.TryGet(out var found, out _) && found is not SecretReading.Undecryptable)
        {
            using var value = found.ShouldBeOfType<SecretReading.Found>().Value;
            value.Reveal().ShouldBe(expected);
        }
    });

    [Fact]
    public void A_flipped_bit_in_a_sealed_file_is_refused() =>
        FlipEveryBit("""{"mode":"sealed"}""", (_, reading, _) => reading.IsOk.ShouldBeFalse());

    [Fact]
    public void A_file_cut_short_is_refused()
    {
        using var bench = new SecretBench(answers: """{"mode":"sealed"}""");
        bench.Put("acme/_/p/a", "one");
        var whole = File.ReadAllBytes(bench.FilePath);
        for (var length = 1; length < whole.Length - 1; length++)
        {
            bench.WriteFile(whole[..length]);
            bench.Open().Get(bench.Uri("acme/_/p/a"), null).IsOk.ShouldBeFalse($"{length} of {whole.Length} bytes");
        }
    }

    private static void FlipEveryBit(string answers, Action<SecretBench, Outcome<SecretReading>, string> check)
    {
        using var bench = new SecretBench(answers: answers);
        bench.Put("acme/_/p/a", "first");
        bench.Put("acme/_/p/a", "second");
        bench.Put("acme/_/p/b", "third");
        var whole = File.ReadAllBytes(bench.FilePath);
        var store = bench.Open();
        var (a, b) = (bench.Uri("acme/_/p/a"), bench.Uri("acme/_/p/b"));
        // Two or three bits of every byte, never the same ones in neighbours.
        for (var bit = 0; bit < whole.Length * 8; bit += 3)
        {
            var flipped = (byte[])whole.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(bench.FilePath, flipped);
            check(bench, store.Get(a, null), "second");
            check(bench, store.Get(b, null), "third");
        }
    }

    /// <summary>False when the step lies beyond the last call.</summary>
    private static bool TryPut(SecretBench bench, FaultyCalls calls, SecretValue value)
    {
        try
        {
            bench.Open(calls).Put(bench.Uri("acme/_/p/a"), value).IsOk.ShouldBeTrue();
            return false;
        }
        catch (PowerLossException)
        {
            return true;
        }
    }
}

namespace Gtc.Cli.Tests.Op;

/// <summary>Random commands under a handful of keys, some of them asked again: the first answer that a key got is the only one it ever gets.</summary>
public class Any_sequence_of_retries
{
    private const int Steps = 40;
    private static readonly string[] Keys = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Never_gets_a_second_answer_under_one_key(int seed)
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        string[] revisions = [await Staged.ReadyAsync(cli), await Staged.ReadyAsync(cli), await Staged.ReadyAsync(cli)];
        var random = new Random(seed);
        var first = new Dictionary<string, (string Line, string Answer)>(StringComparer.Ordinal);
        var replays = 0;
        for (var step = 0; step < Steps; step++)
        {
            cli.Time.Advance(TimeSpan.FromSeconds(1));
            var key = Keys[random.Next(Keys.Length)];
            var line = first.TryGetValue(key, out var known) && random.Next(2) == 0 ? known.Line : Draw(random, revisions);
            var before = await Staged.DocumentAsync(cli);
            var run = await cli.RunAsync($"op {line} --idempotency-key {key} --store-root {cli.StoreRoot}");
            if (known.Line is null)
            {
                if (run.Exit == 0)
                {
                    first[key] = (line, run.Stdout);
                }

                continue;
            }

            (await Staged.DocumentAsync(cli)).GetRawText().ShouldBe(before.GetRawText(), $"{line} under {key} of `{known.Line}`");
            if (line == known.Line)
            {
                replays++;
                run.Stdout.ShouldBe(known.Answer, $"{line} under {key}: {run.Stderr}");
            }
            else
            {
                run.Exit.ShouldBe(1, $"{line} under {key} of `{known.Line}`");
                run.Kind.ShouldBe("conflict");
            }
        }

        replays.ShouldBeGreaterThan(5);
    }

    private static string Draw(Random random, string[] revisions)
    {
        var revision = revisions[random.Next(revisions.Length)];
        return random.Next(9) switch
        {
            0 or 1 or 2 => $"traffic set {revision}=100%",
            3 => $"traffic set {revisions[0]}={random.Next(101)}% {revisions[1]}={random.Next(101)}%",
            4 => "traffic rollback",
            5 => "traffic clear",
            6 => $"bundles update status={(random.Next(2) == 0 ? "paused" : "active")}",
            7 => $"revisions drain --revision {revision}",
            _ => $"revisions archive --revision {revision}{(random.Next(2) == 0 ? " --force" : "")}",
        };
    }
}

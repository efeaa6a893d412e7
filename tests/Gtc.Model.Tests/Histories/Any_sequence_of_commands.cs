using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Model.Tests.Histories;

public sealed class Any_sequence_of_commands
{
    private const int Steps = 80;

    [Fact]
    public void Leaves_a_document_that_keeps_every_rule() => ForAny(attempt =>
        EnvironmentRules.Validate(attempt.After).ShouldBeNull(attempt.Command));

    [Fact]
    public void Changes_nothing_when_it_is_refused() => ForAny(attempt =>
    {
        if (attempt.Refusal is not null)
        {
            attempt.After.ShouldBeSameAs(attempt.Before);
        }
    });

    [Fact]
    public void Leaves_splits_that_sum_to_the_whole() => ForAny(attempt =>
        attempt.After.TrafficSplits.ShouldAllBe(split => split.Entries.Sum(entry => entry.WeightBps) == TrafficSplit.Whole));

    [Fact]
    public void Gives_traffic_to_ready_revisions_only() => ForAny(attempt =>
    {
        foreach (var split in attempt.After.TrafficSplits)
        {
            var before = attempt.Before.TrafficSplits.FirstOrDefault(old => old.DeploymentId == split.DeploymentId);
            foreach (var entry in split.Entries)
            {
                var gained = entry.WeightBps > (before?.Entries.FirstOrDefault(old => old.RevisionId == entry.RevisionId)?.WeightBps ?? 0);
                if (gained)
                {
                    attempt.After.Revisions.Single(r => r.RevisionId == entry.RevisionId).Lifecycle.ShouldBe(RevisionLifecycle.Ready, attempt.Command);
                }
            }
        }
    });

    [Fact]
    public void Reads_back_byte_for_byte() => ForAny(attempt =>
    {
        var file = Documents.Environment.ToFile(attempt.After);
        Documents.Environment.ToFile(Documents.Environment.Parse(file).Value).ShouldBe(file);
    });

    [Fact]
    public void Lets_generations_and_sequences_only_grow() => ForAny(attempt =>
    {
        var before = Counters(attempt.Before);
        foreach (var (key, counter) in Counters(attempt.After))
        {
            if (before.TryGetValue(key, out var old))
            {
                counter.ShouldBeGreaterThanOrEqualTo(old, $"{attempt.Command} {key}");
            }
        }
    });

    [Fact]
    public void Is_replayed_with_the_first_answer() => Prop.ForAll(Seeds, seed =>
    {
        var history = new RandomHistory(seed);
        var document = EnvironmentVerbs.CreateLocal();
        for (var step = 0; step < Steps; step++)
        {
            document = history.Next(document).After;
            var command = history.Traffic(document);
            if (TrafficVerbs.Set(document, command, Sample.Now).TryGet(out var first, out _))
            {
                document = first.Document;
                var again = TrafficVerbs.Set(document, command with { Entries = [.. command.Entries.Reverse()] }, Sample.Now.AddYears(1)).Value;
                again.Document.ShouldBeSameAs(document);
                again.Split.ShouldBe(first.Split);
            }
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Is_undone_by_a_rollback() => Prop.ForAll(Seeds, seed =>
    {
        var history = new RandomHistory(seed);
        var document = EnvironmentVerbs.CreateLocal();
        for (var step = 0; step < Steps; step++)
        {
            document = history.Next(document).After;
            var command = history.Traffic(document);
            var before = document.TrafficSplits.FirstOrDefault(split => split.DeploymentId == command.DeploymentId);
            if (before is not null && before.Entries.Any(entry => document.Revisions.Single(r => r.RevisionId == entry.RevisionId).Lifecycle != RevisionLifecycle.Ready))
            {
                continue;
            }

            if (!TrafficVerbs.Set(document, command, Sample.Now).TryGet(out var set, out _) || set.PreviousGeneration is null)
            {
                continue;
            }

            var back = TrafficUndo.Rollback(set.Document, command.DeploymentId, Sample.Now).Value;
            back.NewGeneration.ShouldBe(set.NewGeneration + 1);
            (back.Split?.Entries ?? []).ShouldBe(before?.Entries ?? []);
            TrafficUndo.Rollback(back.Document, command.DeploymentId, Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Meets_every_command_both_ways()
    {
        var seen = new HashSet<(string, bool)>();
        for (var seed = 0; seed < 60; seed++)
        {
            Run(seed, attempt => seen.Add((attempt.Command, attempt.Refusal is null)));
        }

        // `revisions gc` and nothing else is never refused.
        seen.Select(each => each.Item1).Distinct().Where(name => !seen.Contains((name, true)) || !seen.Contains((name, false))).ShouldBe(["revisions gc"]);
    }

    private static Arbitrary<int> Seeds => Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    private static void ForAny(Action<Attempt> check) => Prop.ForAll(Seeds, seed => Run(seed, check)).QuickCheckThrowOnFailure();

    private static void Run(int seed, Action<Attempt> check)
    {
        var history = new RandomHistory(seed);
        var document = EnvironmentVerbs.CreateLocal();
        for (var step = 0; step < Steps; step++)
        {
            var attempt = history.Next(document);
            check(attempt);
            document = attempt.After;
        }
    }

    private static Dictionary<string, ulong> Counters(EnvironmentDocument document)
    {
        var counters = new Dictionary<string, ulong>();
        foreach (var deployment in document.Bundles)
        {
            var split = document.TrafficSplits.FirstOrDefault(s => s.DeploymentId == deployment.DeploymentId);
            if ((split?.Generation ?? deployment.ClearedTraffic?.Generation) is { } generation)
            {
                counters[$"dial {deployment.DeploymentId}"] = generation;
            }

            counters[$"sequence {deployment.DeploymentId}"] = document.Revisions.Where(r => r.DeploymentId == deployment.DeploymentId).Select(r => r.Sequence).DefaultIfEmpty(0ul).Max();
        }

        foreach (var pack in document.Packs)
        {
            counters[$"slot {pack.Slot}"] = pack.Generation;
        }

        foreach (var endpoint in document.MessagingEndpoints)
        {
            counters[$"endpoint {endpoint.EndpointId}"] = endpoint.Generation;
        }

        return counters;
    }
}

using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Runtime.Tests.Usage;

public sealed class Usage_is_written : IDisposable
{
    private readonly WorkerLab _lab = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private UsageFiles Files => new(_lab.Store.Files(EnvId.Local));

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task What_was_answered_is_on_disk_when_the_worker_has_stopped()
    {
        var revision = await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        long sent = 0;
        long answered = 0;
        await using (var worker = (await BootAsync(TimeSpan.FromHours(2))).Value)
        {
            using var client = new WorkerClient(worker);
            for (var request = 0; request < 7; request++)
            {
                answered += (await client.GreetAsync()).Text.Length;
                sent += """{"text":"Ada"}""".Length;
            }

            using var malformed = await client.SendAsync(new StringContent("nonsense"));
            sent += "nonsense".Length;
            answered += malformed.Content.Headers.ContentLength!.Value;
            Directory.Exists(Path.Combine(_lab.Environment, "usage")).ShouldBeFalse();
        }

        var hours = Hours();
        var deployment = _lab.Document.Bundles.Single();
        hours.Select(hour => hour.Source).Distinct().ShouldBe([new UsageSource(deployment.CustomerId, "default", deployment.DeploymentId, "main", revision)]);
        var counts = hours.Select(hour => hour.Counts).Aggregate(UsageCounts.Add);
        (counts.Requests, counts.FlowRuns, counts.BytesIn, counts.BytesOut).ShouldBe((8, 7, sent, answered));
        counts.ComponentCalls.ShouldBeGreaterThanOrEqualTo(7);
    }

    [Fact]
    public async Task A_worker_writes_while_it_runs_and_two_lives_add_up()
    {
        await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        for (var before = 0; before <= 3; before += 3)
        {
            await using var worker = (await BootAsync(TimeSpan.FromMilliseconds(20))).Value;
            using var client = new WorkerClient(worker);
            await client.GreetAsync();
            await Eventually.HoldsAsync(() => Hours().Sum(hour => hour.Counts.Requests) == before + 1);
            await client.GreetAsync();
            await client.GreetAsync();
            await Eventually.HoldsAsync(() => Hours().Sum(hour => hour.Counts.Requests) == before + 3);
        }
    }

    [Fact]
    public async Task Where_nothing_can_be_written_the_worker_serves_says_so_once_and_loses_nothing()
    {
        await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        var obstacle = Path.Combine(_lab.Environment, "usage");
        await File.WriteAllTextAsync(obstacle, "not a folder", Token);
        await using var worker = (await BootAsync(TimeSpan.FromMilliseconds(20))).Value;
        using var client = new WorkerClient(worker);
        (await client.GreetAsync()).Status.ShouldBe(200);
        await Eventually.HoldsAsync(async () => await FailuresAsync(client) > 2);
        (await client.GreetAsync()).Status.ShouldBe(200);
        Told("Usage cannot be written").ShouldBe(1);
        File.Delete(obstacle);
        await Eventually.HoldsAsync(() => Told("Usage is written again") == 1);
        Hours().Sum(hour => hour.Counts.Requests).ShouldBe(2);
        Told("Usage cannot be written").ShouldBe(1);
    }

    private static async Task<long> FailuresAsync(WorkerClient client)
    {
        const string Name = "gtc_usage_write_failures_total ";
        var text = await (await client.GetAsync("/metrics")).Content.ReadAsStringAsync(Token);
        return long.Parse(text.Split('\n').Single(line => line.StartsWith(Name, StringComparison.Ordinal))[Name.Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private int Told(string beginning) => _lab.Logs.Lines.Count(line => line.Text.StartsWith(beginning, StringComparison.Ordinal));

    private Task<Outcome<WorkerHost>> BootAsync(TimeSpan interval) => _lab.BootAsync(options => options with { UsageInterval = interval });

    private ImmutableArray<UsageHour> Hours()
    {
        var reading = Files.Read(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), Token).Value;
        reading.Findings.ShouldBeEmpty();
        return UsageRows.Total(reading.Rows);
    }
}

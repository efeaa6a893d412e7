using Gtc.Model;

namespace Gtc.Store.Tests.Usage;

public sealed class Usage_is_kept_in_files : IDisposable
{
    private readonly Workbench _bench = new();

    private static DateTimeOffset Hour { get; } = new(2026, 11, 20, 23, 0, 0, TimeSpan.Zero);

    private UsageFiles Files => new(_bench.Store.Files(EnvId.Local));

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void What_workers_wrote_is_read_and_written_again_counts_once()
    {
        Write(1, Hour, (1, 5), (2, 7));
        Write(1, Hour, (1, 6), (2, 7));
        Write(2, Hour, (1, 100));
        Write(2, Hour.AddHours(1), (1, 1000));
        var reading = Read(Hour, Hour.AddHours(2));
        (reading.Files, reading.Findings.Length).ShouldBe((3, 0));
        UsageRows.Total(reading.Rows).Select(hour => (hour.Hour.Hour, hour.Counts.Requests)).ShouldBe([(23, 106), (23, 7), (0, 1000)]);
        Read(Hour, Hour.AddHours(1)).Rows.Length.ShouldBe(3);
        Read(Hour.AddHours(1), Hour.AddHours(2)).Rows.Single().Requests.ShouldBe(1000);
        File.Exists(_bench.Path("local", $"usage/20261120/23-{Id(1)}.jsonl")).ShouldBeTrue();
    }

    [Fact]
    public void A_line_that_is_cut_is_told_and_left_out_and_a_copied_file_counts_once()
    {
        Write(1, Hour, (1, 5), (2, 7));
        var path = _bench.Path("local", $"usage/20261120/23-{Id(1)}.jsonl");
        var whole = File.ReadAllBytes(path);
        File.WriteAllBytes(_bench.Path("local", "usage/20261120/copy.jsonl"), whole);
        File.AppendAllText(path, System.Text.Encoding.UTF8.GetString(whole)[..40]);
        var reading = Read(Hour, Hour.AddHours(1));
        UsageRows.Total(reading.Rows).Sum(hour => hour.Counts.Requests).ShouldBe(12);
        reading.Findings.Single().ShouldStartWith($"line 3 of usage/20261120/23-{Id(1)}.jsonl is left out: ");
    }

    [Fact]
    public void Wherever_a_file_is_cut_no_request_is_counted_twice_or_made_up()
    {
        Write(1, Hour, (1, 5), (2, 7));
        var path = _bench.Path("local", $"usage/20261120/23-{Id(1)}.jsonl");
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            new[] { 0L, 5, 12 }.ShouldContain(UsageRows.Total(Read(Hour, Hour.AddHours(1)).Rows).Sum(hour => hour.Counts.Requests), $"{length} bytes");
        }
    }

    [Fact]
    public void No_usage_at_all_is_no_fault() => Read(Hour, Hour.AddHours(1)).ShouldSatisfyAllConditions(
        reading => reading.Rows.ShouldBeEmpty(),
        reading => reading.Findings.ShouldBeEmpty());

    [Fact]
    public async Task Old_days_go_when_they_are_told_to_and_today_stays()
    {
        await _bench.CreateAsync("local");
        _bench.Time.Now = Hour;
        Write(1, Hour.AddDays(-2), (1, 1));
        Write(1, Hour.AddDays(-1), (1, 1));
        Write(1, Hour, (1, 1));
        (await _bench.Store.PruneUsageAsync(EnvId.Local, 1, Workbench.Cancellation)).Value.ShouldBe(["20261118"]);
        (await _bench.Store.PruneUsageAsync(EnvId.Local, 0, Workbench.Cancellation)).Value.ShouldBe(["20261119"]);
        (await _bench.Store.PruneUsageAsync(EnvId.Local, uint.MaxValue, Workbench.Cancellation)).Value.ShouldBeEmpty();
        Read(Hour.AddDays(-9), Hour.AddDays(1)).Rows.Length.ShouldBe(1);
        File.ReadAllLines(_bench.Path("local", "audit/events.jsonl")).Count(line => line.Contains("\"prune\"", StringComparison.Ordinal)).ShouldBe(3);
    }

    private static Ulid Id(byte number) => Ulid.From(Hour, [0, 0, 0, 0, 0, 0, 0, 0, 0, number]);

    private void Write(byte worker, DateTimeOffset hour, params (byte Revision, long Requests)[] counted) => Files.Write(
        Id(worker),
        hour,
        counted.Select(entry => new UsageHour(new UsageSource("acme", "default", new DeploymentId(Id(9)), "main", new RevisionId(Id(entry.Revision))), hour, new UsageCounts(entry.Requests, 0, 0, 0, 0))))
        .ShouldBeNull();

    private UsageReading Read(DateTimeOffset from, DateTimeOffset to) => Files.Read(from, to, Workbench.Cancellation).Value;
}

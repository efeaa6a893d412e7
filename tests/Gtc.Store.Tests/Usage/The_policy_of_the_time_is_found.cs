using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Tests.Usage;

public sealed class The_policy_of_the_time_is_found : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly DeploymentId Deployment = new(Ulid.From(Noon, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));

    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_new_policy_counts_from_the_next_full_hour_and_the_first_from_the_hour_it_was_made_in()
    {
        _bench.Time.Now = Noon;
        await _bench.CreateAsync("local");
        var document = await SaveAsync(Noon.AddMinutes(20), DeploymentVerbs.Add(Workbench.Fresh("local"), Add(10_000), Noon).Value.Document);
        await SaveAsync(Noon.AddMinutes(90), With(document, 4_000));
        await SaveAsync(Noon.AddHours(3), With(document, 7_000));
        await SaveAsync(Noon.AddHours(4), document with { Bundles = [] });
        var found = await ForAsync(Noon.AddHours(-5), Noon, Noon.AddHours(1), Noon.AddHours(2), Noon.AddHours(3), Noon.AddHours(4), Noon.AddHours(9));
        found.ShouldBe([null, 10_000u, 10_000u, 4_000u, 7_000u, 7_000u, 7_000u]);
    }

    [Fact]
    public async Task A_policy_that_was_in_force_before_the_time_that_is_asked_for_is_found()
    {
        _bench.Time.Now = Noon;
        await _bench.CreateAsync("local");
        var document = await SaveAsync(Noon, DeploymentVerbs.Add(Workbench.Fresh("local"), Add(10_000), Noon).Value.Document);
        await SaveAsync(Noon.AddDays(1), With(document, 4_000));
        var policies = (await UsagePolicies.OpenAsync(History, Noon.AddHours(5), Workbench.Cancellation)).Value;
        var hour = Hour(Noon.AddHours(5));
        (await policies.ForAsync([hour], Workbench.Cancellation)).Value[(Deployment, hour.Hour)].Shares.Single(share => share.PartyId == "partner").BasisPoints.ShouldBe(10_000u);
    }

    private static UsageHour Hour(DateTimeOffset hour) => new(new UsageSource("acme", "default", Deployment, "main", new RevisionId(Ulid.From(Noon, new byte[10]))), hour, default);

    private static AddDeployment Add(uint points) => new()
    {
        DeploymentId = Deployment,
        BundleId = "main",
        CustomerId = "acme",
        RouteBinding = new RouteBinding { TenantSelector = TenantSelector.Default },
        RevenueShare = Shares(points),
    };

    private static ImmutableArray<RevenueShareEntry> Shares(uint points) =>
        [new() { PartyId = "partner", BasisPoints = points }, .. points < 10_000 ? [new() { PartyId = "greentic", BasisPoints = 10_000 - points }] : Array.Empty<RevenueShareEntry>()];

    private static EnvironmentDocument With(EnvironmentDocument document, uint points) =>
        document with { Bundles = [document.Bundles.Single() with { RevenueShare = Shares(points) }] };

    private async Task<EnvironmentDocument> SaveAsync(DateTimeOffset at, EnvironmentDocument document)
    {
        _bench.Time.Now = at;
        return await _bench.SaveAsync(document);
    }

    private async Task<IEnumerable<uint?>> ForAsync(params DateTimeOffset[] hours)
    {
        var policies = (await UsagePolicies.OpenAsync(History, hours[0], Workbench.Cancellation)).Value;
        var found = (await policies.ForAsync(hours.Select(Hour), Workbench.Cancellation)).Value;
        return hours.Select(hour => found.GetValueOrDefault((Deployment, hour))?.Shares.Single(share => share.PartyId == "partner").BasisPoints);
    }

    private UsageHistory History => new(
        (limit, before, stop) => _bench.Store.HistoryAsync(EnvId.Local, limit, before, stop),
        (generation, stop) => _bench.Store.LoadAtAsync(EnvId.Local, generation, stop));
}

using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Conformance;
using Gtc.Deployers.Kubernetes.Tests.Reconciling;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Kubernetes.Tests;
using Gtc.Model;

namespace Gtc.Deployers.Fleet.Tests.Reconciling;

/// <summary>On a real API server, with what stands for the operator and its agents.</summary>
public sealed class A_fleet_is_converged(KubeLab lab)
{
    private static readonly ReconcileOptions Waits = new() { Wait = TimeSpan.FromSeconds(20), Poll = TimeSpan.FromMilliseconds(50) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_device_gets_one_revision_of_each_deployment_and_the_second_time_nothing_is_written()
    {
        await using var at = await PlaceAsync(20);
        var report = await at.ConvergeAsync(at.Environment);
        report.Devices.Select(found => found.Devices).ShouldBe([10, 10, 20]);
        (await at.RunsAsync()).Values.ShouldAllBe(revisions => revisions.Length == 2);

        at.Proxy.Asked.Clear();
        var again = await at.ConvergeAsync(at.Environment);
        at.Proxy.Writes.ShouldBeEmpty();
        (again.Labelled, again.Moved).ShouldBe((0, 0));
        again.Objects.Applied.ShouldAllBe(item => item.Outcome == ObjectOutcome.Unchanged);
    }

    [Fact]
    public async Task A_ramp_moves_only_rising_devices_and_a_rollback_restores_them()
    {
        await using var at = await PlaceAsync(20);
        var all = Wanted.With(at.Environment, 10_000, 0);
        await at.ConvergeAsync(all);
        var before = await at.RunsAsync();

        var tenth = Wanted.With(all, 9_000, 1_000);
        (await at.ConvergeAsync(tenth)).Moved.ShouldBe(2);
        var ramped = await at.RunsAsync();
        ramped.Count(pair => !pair.Value.SequenceEqual(before[pair.Key])).ShouldBe(2);

        var done = Wanted.With(tenth, 0, 10_000);
        at.Proxy.Asked.Clear();
        (await at.ConvergeAsync(done)).Moved.ShouldBe(18);
        at.Proxy.Writes.Where(line => line.Contains("/devices/", StringComparison.Ordinal)).ShouldBeEmpty("the last step of a ramp needs no label");

        await at.ConvergeAsync(tenth);
        (await at.RunsAsync()).ShouldBe(ramped, ignoreOrder: true, comparer: new SameRuns());
    }

    [Fact]
    public async Task A_new_device_runs_something_at_once_and_shares_hold_after_the_next_run()
    {
        await using var at = await PlaceAsync(4);
        await at.ConvergeAsync(at.Environment);
        await at.Fleet.JoinAsync(4);
        await at.Fleet.JoinAsync(5);
        (await at.RunsAsync()).Values.ShouldAllBe(revisions => revisions.Length == 2);
        var report = await at.ConvergeAsync(at.Environment);
        report.Devices.Select(found => found.Devices).ShouldBe([3, 3, 6]);
        report.Moved.ShouldBe(1);
    }

    [Fact]
    public async Task Another_image_reaches_devices_and_moves_none()
    {
        await using var at = await PlaceAsync(6);
        await at.ConvergeAsync(at.Environment);
        var before = await at.RunsAsync();
        at.Settings = at.Settings with { RuntimeImage = "registry.test/gtc:2" };
        var report = await at.ConvergeAsync(at.Environment);
        report.Objects.Applied.Count(item => item.Outcome == ObjectOutcome.Changed).ShouldBe(3);
        (report.Labelled, report.Moved).ShouldBe((0, 0));
        (await at.RunsAsync()).ShouldBe(before, ignoreOrder: true, comparer: new SameRuns());
    }

    [Fact]
    public async Task Traffic_changes_no_score_so_no_container_is_started_anew()
    {
        await using var at = await PlaceAsync(6);
        await at.ConvergeAsync(at.Environment);
        var before = await at.ScoresAsync();
        var turned = at.Environment with { EnvGeneration = 7, Revisions = [.. at.Environment.Revisions.Select(revision => revision with { Lifecycle = RevisionLifecycle.Draining, WarmedAt = DateTimeOffset.UnixEpoch })] };
        await at.ConvergeAsync(Wanted.With(turned, 2_000, 8_000));
        (await at.ScoresAsync()).ShouldBe(before, ignoreOrder: true);
    }

    [Fact]
    public async Task A_retired_revision_leaves_its_devices_before_it_goes()
    {
        await using var at = await PlaceAsync(6);
        await at.ConvergeAsync(at.Environment);
        var without = Wanted.With(at.Environment, 10_000, 0);
        without = without with { Revisions = [.. without.Revisions.Select(revision => revision.RevisionId == ConformanceFixture.RevisionA2 ? revision with { Lifecycle = RevisionLifecycle.Archived } : revision)] };
        at.Proxy.Asked.Clear();
        (await at.ConvergeAsync(without)).Objects.Pruned.Length.ShouldBe(1);
        var writes = at.Proxy.Writes.ToList();
        writes.FindLastIndex(line => line.StartsWith("PATCH", StringComparison.Ordinal)).ShouldBeLessThan(writes.FindIndex(line => line.StartsWith("DELETE", StringComparison.Ordinal)));
        (await at.Fleet.DeploymentsAsync(at.Settings.Namespace)).Length.ShouldBe(2);
        (await at.RunsAsync()).Values.ShouldAllBe(revisions => revisions.Length == 2);
    }

    [Fact]
    public async Task It_goes_on_after_being_killed_at_any_point()
    {
        await using var at = await PlaceAsync(12);
        var random = new Random(20_261_121);
        var environment = at.Environment;
        for (var round = 0; round < 25; round++)
        {
            using var killed = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var left = random.Next(1, 20);
            at.Proxy.Before = _ =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    killed.Cancel();
                }

                return Task.FromResult(false);
            };
            var first = (uint)random.Next(0, 11) * 1_000;
            environment = Wanted.With(environment, first, 10_000 - first);
            try
            {
                await new FleetReconciler(at.Client, TimeProvider.System).RunAsync(environment, at.Settings, Waits with { Wait = null }, killed.Token);
            }
            catch (OperationCanceledException) when (!Token.IsCancellationRequested)
            {
                // As if the process had been killed.
            }

            (await at.RunsAsync()).Values.ShouldAllBe(revisions => revisions.Distinct().Count() == revisions.Length && revisions.Length <= 2);
        }

        at.Proxy.Before = _ => Task.FromResult(false);
        await at.ConvergeAsync(environment);
        at.Proxy.Asked.Clear();
        await at.ConvergeAsync(environment);
        at.Proxy.Writes.ShouldBeEmpty();
        (await at.RunsAsync()).Values.ShouldAllBe(revisions => revisions.Length == 2);
    }

    [Fact]
    public async Task A_selector_that_somebody_changed_is_told_and_taken_back()
    {
        await using var at = await PlaceAsync(4);
        await at.ConvergeAsync(at.Environment);
        var name = FleetNames.Deployment(at.Environment.EnvironmentId, ConformanceFixture.RevisionA1);
        var change = JsonElement.Parse("""{"spec":{"paused":true,"targetSelector":{"matchExpressions":[]}}}""");
        (await at.Client.MergeAsync(KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!, at.Settings.Namespace, name, change, "kubectl-edit", Token)).Error.ShouldBeNull();

        var told = await at.ConvergeAsync(at.Environment, Waits with { Wait = null, Drift = DriftChoice.Report });
        told.Objects.Drift.ShouldContain(field => field.Field.StartsWith("spec.targetSelector", StringComparison.Ordinal) && field.Owners.Contains("kubectl-edit"));
        (await new FleetReconciler(at.Client, TimeProvider.System).RunAsync(at.Environment, at.Settings, Waits with { Drift = DriftChoice.Adopt }, Token)).Refusal.ShouldBeOfType<Refusal.Conflict>();
        await at.ConvergeAsync(at.Environment);
        (await at.RunsAsync()).Values.ShouldAllBe(revisions => revisions.Length == 2);
    }

    [Fact]
    public async Task Devices_that_do_not_get_well_are_told_with_what_was_counted()
    {
        await using var at = await PlaceAsync(4);
        at.Fleet.IsReady = false;
        var refusal = (await new FleetReconciler(at.Client, TimeProvider.System).RunAsync(at.Environment, at.Settings, Waits with { Wait = TimeSpan.FromSeconds(5) }, Token)).Refusal.ShouldBeOfType<DeployerRefusal.Provider>();
        refusal.Details.ShouldContain(detail => detail.Value.Contains("2 devices, 0 run it, 0 failed, 2 pending", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Devices_that_cannot_be_reached_are_waited_for_unless_they_are_to_be_skipped()
    {
        await using var at = await PlaceAsync(4);
        (at.Fleet.Silent, at.Fleet.Unreachable) = (1, 1);
        var reconciler = new FleetReconciler(at.Client, TimeProvider.System);
        var brief = Waits with { Wait = TimeSpan.FromSeconds(1) };
        (await reconciler.RunAsync(at.Environment, at.Settings, brief, Token)).Refusal.ShouldBeOfType<DeployerRefusal.Provider>();

        at.Settings = at.Settings with { SkipsUnreachable = true };
        await at.ConvergeAsync(at.Environment);

        // One more that does not report can be reached: it is waited for.
        at.Fleet.Silent = 2;
        await at.Fleet.ToldAsync();
        (await reconciler.RunAsync(at.Environment, at.Settings, brief, Token)).Refusal.ShouldBeOfType<DeployerRefusal.Provider>();
    }

    [Theory]
    [InlineData("1", "1", 1, 1)]
    [InlineData("10%", null, null, null)]
    public void Batches_are_asked_of_the_operator_as_they_were_answered(string size, string? most, int? devices, int? down)
    {
        var answers = Wanted.Answers("lab=x").Replace("}", $",\"batch_size\":\"{size}\"{(most is null ? "" : $",\"max_unavailable\":\"{most}\"")}}}", StringComparison.Ordinal);
        var settings = Wanted.Settings(ConformanceFixture.EnvironmentId, JsonElement.Parse(answers)).Value;
        var rendered = FleetRenderer.Render(ConformanceFixture.Environment(), settings).Value.Select(KubeJson.ToElement).Where(item => item.GetProperty("kind").GetString() == FleetApi.DeploymentKind).ToList();
        rendered.Count.ShouldBe(3);
        foreach (var item in rendered)
        {
            var rollout = item.GetProperty("spec").GetProperty("rollout");
            rollout.GetProperty("strategy").GetString().ShouldBe("Batched");
            (rollout.GetProperty("batchSize").ValueKind == JsonValueKind.Number ? rollout.GetProperty("batchSize").GetInt32() : (int?)null).ShouldBe(devices);
            (rollout.TryGetProperty("maxUnavailable", out var given) && given.ValueKind == JsonValueKind.Number ? given.GetInt32() : (int?)null).ShouldBe(down);
        }
    }

    [Fact]
    public async Task What_is_not_ours_is_refused_before_anything_is_written()
    {
        await using var at = await PlaceAsync(4);
        var foreign = FleetRenderer.Render(at.Environment, at.Settings).Value[1];
        var item = JsonElement.Parse(KubeJson.ToElement(foreign).GetRawText().Replace("\"greentic.ai/env\"", "\"greentic.ai/other\"", StringComparison.Ordinal));
        (await at.Client.ApplyAsync(KubeJson.ToElement(FleetRenderer.Namespace(at.Environment.EnvironmentId, at.Settings)), "test", true, false, Token)).Error.ShouldBeNull();
        (await at.Client.ApplyAsync(item, "test", true, false, Token)).Error.ShouldBeNull();
        at.Proxy.Asked.Clear();
        (await new FleetReconciler(at.Client, TimeProvider.System).RunAsync(at.Environment, at.Settings, Waits, Token)).Refusal.ShouldBeOfType<Refusal.Conflict>();
        at.Proxy.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Destroy_leaves_no_deployment_and_no_label()
    {
        await using var at = await PlaceAsync(6);
        await at.ConvergeAsync(at.Environment);
        var gone = await new FleetRemoval(at.Client, TimeProvider.System).RunAsync(at.Environment, at.Settings, deletesNamespace: false, Waits, Token);
        gone.Value.Length.ShouldBe(3);
        (await at.Fleet.DeploymentsAsync(at.Settings.Namespace)).ShouldBeEmpty();
        (await at.Fleet.DevicesAsync()).ShouldAllBe(device => device.Metadata.Labels!.Keys.All(key => !key.StartsWith("greentic.ai/", StringComparison.Ordinal)));
    }

    private async Task<Place> PlaceAsync(int devices)
    {
        var config = await lab.StartAsync();
        return new Place(await RecordingProxy.StartAsync(config), await SimulatedFleet.StartAsync(config, devices));
    }

    private sealed class SameRuns : IEqualityComparer<KeyValuePair<string, ImmutableArray<RevisionId>>>
    {
        public bool Equals(KeyValuePair<string, ImmutableArray<RevisionId>> x, KeyValuePair<string, ImmutableArray<RevisionId>> y) => x.Key == y.Key && x.Value.SequenceEqual(y.Value);

        public int GetHashCode(KeyValuePair<string, ImmutableArray<RevisionId>> obj) => StringComparer.Ordinal.GetHashCode(obj.Key);
    }

    /// <summary>One environment on devices of its own.</summary>
    private sealed class Place : IAsyncDisposable
    {
        public Place(RecordingProxy proxy, SimulatedFleet fleet)
        {
            (Proxy, Fleet, Client) = (proxy, fleet, proxy.Client());
            var id = EnvId.TryParse($"env-{fleet.Lab}", out var parsed) ? parsed : default;
            Environment = ConformanceFixture.Environment(id, "bundle.a", "bundle.b");
            Settings = Wanted.Settings(id, JsonElement.Parse(Wanted.Answers($"lab={fleet.Lab}"))).Value;
        }

        public RecordingProxy Proxy { get; }

        public SimulatedFleet Fleet { get; }

        public KubeClient Client { get; }

        public EnvironmentDocument Environment { get; }

        public FleetSettings Settings { get; set; }

        public async Task<FleetReport> ConvergeAsync(EnvironmentDocument environment, ReconcileOptions? options = null)
        {
            (await new FleetReconciler(Client, TimeProvider.System).RunAsync(environment, Settings, options ?? Waits, Token)).TryGet(out var report, out var refusal).ShouldBeTrue(refusal?.ToString());
            return report!;
        }

        /// <summary>What each device runs.</summary>
        public async Task<Dictionary<string, ImmutableArray<RevisionId>>> RunsAsync()
        {
            var claims = await Fleet.ClaimsAsync(Settings.Namespace);
            return (await Fleet.DevicesAsync()).ToDictionary(
                device => device.Metadata.Name,
                device => claims[device.Metadata.Name].Select(found => RevisionId.TryParse(found.Metadata.Labels!["greentic.ai/revision"], out var id) ? id : default).Order(Comparer<RevisionId>.Create((x, y) => x.Value.CompareTo(y.Value))).ToImmutableArray());
        }

        public async Task<IEnumerable<string>> ScoresAsync() => (await Fleet.DeploymentsAsync(Settings.Namespace)).Select(found => $"{found.Metadata.Name} {found.Spec.Score.ComputeHash()}");

        public async ValueTask DisposeAsync()
        {
            await Fleet.RemoveDeploymentsAsync(Settings.Namespace);
            await Fleet.DisposeAsync();
            Client.Dispose();
            await Proxy.DisposeAsync();
        }
    }
}

using System.Text.Json;

namespace Gtc.Kubernetes.Tests.Watching;

/// <summary>On an API server made by <c>eng/kube-node api</c>.</summary>
public sealed class A_real_server_is_followed(KubeLab lab) : IDisposable
{
    private const string Manager = "gtc-test";
    private static readonly KubeKind Maps = KubeKind.Of("v1", "ConfigMap")!;
    private static readonly KubeKind Fleets = KubeKind.Of("fleet.nationtech.io/v1alpha1", "Deployment")!;

    private readonly string _namespace = $"t-{Guid.NewGuid():n}";

    /// <summary>A watch goes on for ever, so what it never tells would be waited for as long.</summary>
    private readonly CancellationTokenSource _patience = Patience();

    private CancellationToken Token => _patience.Token;

    [Fact]
    public async Task What_is_known_is_what_is_there_however_often_the_server_is_killed_and_started_again()
    {
        using var client = await StartAsync();
        var mirror = new Dictionary<string, string>(StringComparer.Ordinal);
        var random = new Random(20_261_121);
        var outages = 0;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var caughtUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var watching = Task.Run(async () =>
        {
            await foreach (var change in new ResumingWatch(client, Scope, TimeProvider.System, static () => 0).RunAsync(ends.Token))
            {
                switch (change)
                {
                    case WatchChange.Present present:
                        mirror[present.Key.Name] = Text(present.Item);
                        break;
                    case WatchChange.Absent absent:
                        mirror.Remove(absent.Key.Name).ShouldBeTrue(absent.Key.ToString());
                        break;
                    case WatchChange.Interrupted:
                        outages++;
                        break;
                }

                if (mirror.ContainsKey("last"))
                {
                    caughtUp.TrySetResult();
                }
            }
        }, ends.Token);
        for (var round = 0; round < 3; round++)
        {
            await ChangeAsync(client, random, 25);
            var back = lab.RestartAsync(TimeSpan.FromMilliseconds(200));
            await ChangeAsync(client, random, 25);
            await back;
        }

        await PutAsync(client, "last", "0");
        await caughtUp.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);
        await ends.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(watching);
        outages.ShouldBeGreaterThanOrEqualTo(3);
        var there = (await client.ListAsync(Maps, _namespace, null, Token)).Value!.Items.ToDictionary(item => item.GetProperty("metadata").GetProperty("name").GetString()!, Text);
        mirror.OrderBy(pair => pair.Key, StringComparer.Ordinal).ShouldBe(there.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Pages_and_metadata_alone()
    {
        using var client = await StartAsync();
        for (var number = 0; number < 7; number++)
        {
            await PutAsync(client, $"m{number}", "1");
        }

        var seen = new List<WatchChange>();
        var scope = Scope with { PageSize = 3, IsMetadataOnly = true };
        await foreach (var change in new ResumingWatch(client, scope, TimeProvider.System, static () => 0).RunAsync(Token))
        {
            seen.Add(change);
            if (change is WatchChange.Synced)
            {
                await PutAsync(client, "late", "1");
            }

            if (change is WatchChange.Present { Key.Name: "late" })
            {
                break;
            }
        }

        var present = seen.OfType<WatchChange.Present>().Where(change => change.Key.Name != "kube-root-ca.crt").ToList();
        present.Select(change => change.Key.Name).ShouldBe(["m0", "m1", "m2", "m3", "m4", "m5", "m6", "late"]);
        present.ShouldAllBe(change => Text(change.Item) == "" && change.Item.GetProperty("kind").GetString() == "PartialObjectMetadata");
    }

    [Fact]
    public async Task An_earlier_run_is_gone_on_with_where_it_ended()
    {
        using var client = await StartAsync();
        await PutAsync(client, "a", "1");
        var version = (await client.ListAsync(Maps, _namespace, null, Token)).Value!.ResourceVersion;
        await PutAsync(client, "b", "1");
        (await client.DeleteAsync(Maps, _namespace, "a", null, Token)).Error.ShouldBeNull();
        (await TakeAsync(client, new WatchPoint(version, [new(_namespace, "a")]), 2)).ShouldBe(["+b", "-a"]);
    }

    [Fact]
    public async Task Status_finalizers_leases_and_events_of_a_custom_resource()
    {
        using var client = await StartAsync();
        await DefineAsync(client);
        await ApplyAsync(client, """{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Deployment","metadata":{"name":"d","namespace":"NS"},"spec":{"size":1}}""");

        // Two writers of the status, neither of which takes the other's away; the rest is not theirs to change.
        (await client.MergeStatusAsync(Fleets, _namespace, "d", Json("""{"status":{"a":1},"spec":{"size":9}}"""), Manager, Token)).Error.ShouldBeNull();
        var applied = await client.ApplyStatusAsync(Json("""{"apiVersion":"fleet.nationtech.io/v1alpha1","kind":"Deployment","metadata":{"name":"d","namespace":"NS"},"status":{"b":2}}"""), "other", true, Token);
        var item = applied.Value!.RootElement;
        (item.GetProperty("spec").GetRawText(), item.GetProperty("status").GetRawText()).ShouldBe(("""{"size":1}""", """{"a":1,"b":2}"""));

        var version = item.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        (await client.PatchAsync(Fleets, _namespace, "d", PatchOperation.AddFinalizer([], version, "gtc.test/one"), Manager, Token)).Error.ShouldBeNull();
        (await client.PatchAsync(Fleets, _namespace, "d", PatchOperation.AddFinalizer([], version, "gtc.test/blind"), Manager, Token)).Error!.Kind.ShouldBe(KubeErrorKind.Invalid);
        (await client.PatchAsync(Fleets, _namespace, "d", PatchOperation.AddFinalizer(["gtc.test/one"], version, "gtc.test/two"), Manager, Token)).Error.ShouldBeNull();
        (await client.PatchAsync(Fleets, _namespace, "d", PatchOperation.AddFinalizer(["gtc.test/one"], version, "gtc.test/three"), Manager, Token)).Error!.Kind.ShouldBe(KubeErrorKind.Invalid);
        (await client.PatchAsync(Fleets, _namespace, "d", PatchOperation.RemoveFinalizer(["gtc.test/two"], "gtc.test/two"), Manager, Token)).Error!.Kind.ShouldBe(KubeErrorKind.Invalid);
        PatchOperation.RemoveFinalizer(["gtc.test/one"], "gtc.test/two").ShouldBeEmpty();
        var left = await client.PatchAsync(Fleets, _namespace, "d", PatchOperation.RemoveFinalizer(["gtc.test/one", "gtc.test/two"], "gtc.test/two"), Manager, Token);
        left.Value!.RootElement.GetProperty("metadata").GetProperty("finalizers").GetRawText().ShouldBe("""["gtc.test/one"]""");

        var lease = await client.CreateAsync(Json("""{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"NS"},"spec":{"holderIdentity":"a","leaseDurationSeconds":15}}"""), Manager, Token);
        var first = lease.Value!.RootElement.Clone();
        (await client.CreateAsync(Json("""{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"NS"},"spec":{"holderIdentity":"b"}}"""), Manager, Token)).Error!.Kind.ShouldBe(KubeErrorKind.Conflict);
        (await client.ReplaceAsync(JsonElement.Parse(first.GetRawText().Replace("\"a\"", "\"c\"", StringComparison.Ordinal)), Manager, Token)).Error.ShouldBeNull();
        (await client.ReplaceAsync(first, Manager, Token)).Error!.Kind.ShouldBe(KubeErrorKind.Conflict);

        await ApplyAsync(client, """{"apiVersion":"v1","kind":"Event","metadata":{"name":"e","namespace":"NS"},"involvedObject":{"kind":"Deployment","namespace":"NS","name":"d"},"reason":"Tested","message":"it was","type":"Normal"}""");
    }

    public void Dispose() => _patience.Dispose();

    private static CancellationTokenSource Patience()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(TimeSpan.FromMinutes(5));
        return source;
    }

    private KubeScope Scope => new(Maps) { Namespace = _namespace, LabelSelector = "!nothing" };

    private static string Text(JsonElement item) => item.TryGetProperty("data", out var data) ? data.GetRawText() : "";

    private JsonElement Json(string text) => JsonElement.Parse(text.Replace("NS", _namespace, StringComparison.Ordinal));

    private async Task<KubeClient> StartAsync()
    {
        var client = new KubeClient(await lab.StartAsync(), TimeSpan.FromSeconds(20), TimeProvider.System) { Patience = TimeSpan.FromMinutes(1) };
        await ApplyAsync(client, """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"NS"}}""");
        return client;
    }

    private async Task ApplyAsync(KubeClient client, string item)
    {
        var applied = await client.ApplyAsync(Json(item), Manager, true, false, Token);
        applied.Error.ShouldBeNull();
        applied.Value!.Dispose();
    }

    private Task PutAsync(KubeClient client, string name, string value) =>
        ApplyAsync(client, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","namespace":"NS"},"data":{"v":"{{{value}}}"}}""");

    private async Task ChangeAsync(KubeClient client, Random random, int count)
    {
        for (var number = 0; number < count; number++)
        {
            var name = $"m{random.Next(8)}";
            if (random.Next(3) == 0)
            {
                var gone = await client.DeleteAsync(Maps, _namespace, name, null, Token);
                (gone.Error?.Kind ?? KubeErrorKind.NotFound).ShouldBe(KubeErrorKind.NotFound);
            }
            else
            {
                await PutAsync(client, name, $"{random.Next()}");
            }
        }
    }

    private async Task<List<string>> TakeAsync(KubeClient client, WatchPoint from, int count)
    {
        var seen = new List<string>();
        await foreach (var change in new ResumingWatch(client, Scope with { FieldSelector = "metadata.name!=kube-root-ca.crt" }, TimeProvider.System, static () => 0) { From = from }.RunAsync(Token))
        {
            seen.Add(change switch
            {
                WatchChange.Present present => $"+{present.Key.Name}",
                WatchChange.Absent absent => $"-{absent.Key.Name}",
                _ => change.GetType().Name.ToLowerInvariant(),
            });
            if (seen.Count == count)
            {
                break;
            }
        }

        return seen;
    }

    private async Task DefineAsync(KubeClient client)
    {
        await ApplyAsync(client, """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"deployments.fleet.nationtech.io"},
             "spec":{"group":"fleet.nationtech.io","scope":"Namespaced","names":{"kind":"Deployment","plural":"deployments","singular":"deployment","listKind":"DeploymentList"},
             "versions":[{"name":"v1alpha1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
            """);
        await foreach (var change in new ResumingWatch(client, new KubeScope(KubeKind.Of("apiextensions.k8s.io/v1", "CustomResourceDefinition")!), TimeProvider.System, static () => 0).RunAsync(Token))
        {
            if (change is WatchChange.Present present && present.Item.GetProperty("status").GetRawText().Contains("\"Established\",\"status\":\"True\"", StringComparison.Ordinal))
            {
                return;
            }
        }
    }
}

using System.Text.Json;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>greentic.deployer.fleet with nothing in place of anything: what a person types, up to the containers on the devices.</summary>
[Collection("podman and its network")]
public sealed class An_environment_runs_on_a_real_fleet(RealFleet fleet) : IClassFixture<RealFleet>
{
    private const double MostMemory = 60;
    private static readonly TimeSpan MinReady = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Shares_are_devices_and_a_changed_worker_reaches_one_device_after_the_other()
    {
        await fleet.UpAsync();
        var (first, second) = await AuthorAsync();
        await ConvergeAsync($"{first}=100%");
        (await AnswersAsync()).ShouldAllBe(revision => revision == first);
        await EachWorkerIsNobodyAsync();

        await BindAsync();
        var before = await ContainersAsync();
        await ConvergeAsync($"{first}=66%", $"{second}=34%");
        (await AnswersAsync()).Count(revision => revision == second).ShouldBe(1);
        (await ContainersAsync()).Intersect(before).Count().ShouldBe(2, "devices that stay start nothing anew");

        await fleet.GtcAsync("op", "traffic", "rollback");
        await fleet.GtcAsync("op", "env", "reconcile", "local");
        (await AnswersAsync()).ShouldAllBe(revision => revision == first);

        await ChangeWorkerInBatchesAsync();
        (await AnswersAsync()).ShouldAllBe(revision => revision == first);
        await AgentsAreSmallAsync();
        await DestroyAsync();
    }

    /// <summary>The file that is published is trimmed: what it prints shows whether anything is missing in it.</summary>
    [Theory]
    [InlineData("install --crds-only --print", "CustomResourceDefinition")]
    [InlineData("install --image registry.test/gtc:1 --nats-creds-secret broker --replicas 2 --print", "CustomResourceDefinition Namespace ServiceAccount ClusterRole ClusterRoleBinding Role RoleBinding Deployment Service")]
    [InlineData("nats install --print", "Namespace ConfigMap Service Deployment")]
    [InlineData("nats install --preset leaf --name factory --upstream nats-leaf://nats.test:7422 --print", "Namespace ConfigMap Service Deployment")]
    [InlineData("apply --print --namespace default --name printed --to group=lab --to-expr !retired --image nginx:1.26 --port 8080:80 --strategy Batched --batch-size 10%", "Deployment")]
    public async Task What_a_verb_prints_is_taken_by_kubectl(string words, string kinds)
    {
        await fleet.UpAsync();
        var printed = await fleet.TryGtcAsync(["fleet", .. words.Split(' ')]);
        printed.ExitCode.ShouldBe(0, printed.Errors);
        var resource = JsonElement.Parse(printed.Output);
        var items = resource.TryGetProperty("items", out var list) ? list.EnumerateArray().ToList() : [resource];
        items.Select(item => item.GetProperty("kind").GetString()).Distinct().ShouldBe(kinds.Split(' '));

        var file = fleet.PathTo("printed.json");
        await File.WriteAllTextAsync(file, printed.Output, Token);
        var said = await fleet.KubectlAsync("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", file);
        said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(items.Count, said);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<(string First, string Second)> AuthorAsync()
    {
        await fleet.GtcAsync("op", "env", "create");
        await fleet.GtcAsync("op", "env-packs", "add", "slot=deployer", "kind=greentic.deployer.fleet@1.0.0", "pack_ref=builtin", Answers(""));
        await fleet.GtcAsync("op", "env-packs", "add", "slot=secrets", "kind=greentic.secrets.dev-store@1.0.0", "pack_ref=builtin");
        await fleet.GtcAsync("op", "trust-root", "bootstrap");
        await fleet.GtcAsync("op", "bundles", "add", "bundle_id=hello-worker", "customer_id=acme");
        return (await StageAsync(), await StageAsync());
    }

    /// <summary>Every device pulls the bundle itself, from where this machine serves it.</summary>
    private async Task<string> StageAsync()
    {
        var staged = await fleet.GtcAsync("op", "revisions", "stage", $"bundle_source_uri={fleet.Distributor}/hello.gtbundle", $"bundle_digest={await DigestAsync()}");
        var revision = staged.GetProperty("revision_id").GetString()!;
        await fleet.GtcAsync("op", "revisions", "warm", $"revision_id={revision}");
        return revision;
    }

    private async Task<string> DigestAsync()
    {
        using var http = new HttpClient();
        var bytes = await http.GetByteArrayAsync(new Uri($"{fleet.Distributor}/hello.gtbundle"), Token);
        return $"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))}";
    }

    private string Answers(string more) => $$"""answers:={"device_selector":"site=lab","runtime_image":"{{fleet.Image}}"{{more}}}""";

    private async Task ConvergeAsync(params string[] shares)
    {
        await fleet.GtcAsync(["op", "traffic", "set", .. shares]);
        await fleet.GtcAsync("op", "env", "reconcile", "local");
    }

    /// <summary>From here on the deployer works as an account that may do what is required and nothing else; what one lacks is named.</summary>
    private async Task BindAsync()
    {
        string[][] rights =
        [
            ["create", "serviceaccount", "deployer", "-n", "fleet-system"],
            ["create", "clusterrole", "gtc-deployer", "--verb=list,patch", "--resource=devices.fleet.nationtech.io"],
            ["create", "clusterrolebinding", "gtc-deployer", "--clusterrole=gtc-deployer", "--serviceaccount=fleet-system:deployer"],
            ["create", "role", "gtc-deployer", "-n", "fleet-local", "--verb=get,list,create,patch", "--resource=deployments.fleet.nationtech.io"],
            ["create", "rolebinding", "gtc-deployer", "-n", "fleet-local", "--role=gtc-deployer", "--serviceaccount=fleet-system:deployer"],
        ];
        foreach (var words in rights)
        {
            await fleet.KubectlAsync(words);
        }

        await File.WriteAllTextAsync(fleet.PathTo("request.json"), """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":[],"expirationSeconds":3600}}""", Token);
        var answer = await fleet.KubectlAsync("create", "--raw", "/api/v1/namespaces/fleet-system/serviceaccounts/deployer/token", "-f", fleet.PathTo("request.json"));
        await File.WriteAllTextAsync(fleet.PathTo("token"), JsonElement.Parse(answer).GetProperty("status").GetProperty("token").GetString(), Token);

        var lacking = await fleet.GtcAsync("op", "credentials", "bind", "--from-file", "token");
        lacking.GetProperty("result").GetString().ShouldBe("fail");
        lacking.GetProperty("missing_capabilities").EnumerateArray().ShouldHaveSingleItem().GetString().ShouldBe("k8s.rbac.allow:fleet.nationtech.io/deployments:delete");

        await fleet.KubectlAsync("create", "role", "gtc-deletes", "-n", "fleet-local", "--verb=delete", "--resource=deployments.fleet.nationtech.io");
        await fleet.KubectlAsync("create", "rolebinding", "gtc-deletes", "-n", "fleet-local", "--role=gtc-deletes", "--serviceaccount=fleet-system:deployer");
        (await fleet.GtcAsync("op", "credentials", "requirements")).GetProperty("result").GetString().ShouldBe("pass");
        (await fleet.GtcAsync("op", "env", "reconcile", "local")).GetProperty("identity").GetString().ShouldBe("bound");
    }

    private async Task<List<string>> AnswersAsync()
    {
        var answers = new List<string>();
        foreach (var device in fleet.All)
        {
            answers.Add(await fleet.AskAsync(device));
        }

        return answers;
    }

    private async Task<List<string>> ContainersAsync()
    {
        var containers = new List<string>();
        foreach (var device in fleet.All)
        {
            containers.Add((await device.ContainersAsync()).ShouldHaveSingleItem());
        }

        return containers;
    }

    /// <summary>The worker is an ordinary user of its container, and what it pulled is in its home.</summary>
    private async Task EachWorkerIsNobodyAsync()
    {
        foreach (var device in fleet.All)
        {
            var container = (await device.ContainersAsync()).ShouldHaveSingleItem();
            var process = (await device.PodmanAsync("inspect", "--format", "{{.State.Pid}}", container)).Trim();
            (await File.ReadAllLinesAsync($"/proc/{process}/status", Token)).ShouldContain("Uid:\t65532\t65532\t65532\t65532");
            Directory.EnumerateFileSystemEntries($"/proc/{process}/root/var/greentic").ShouldNotBeEmpty();
        }
    }

    private async Task ChangeWorkerInBatchesAsync()
    {
        var before = await ContainersAsync();
        await fleet.GtcAsync(
            "op", "env-packs", "update", "slot=deployer", "kind=greentic.deployer.fleet@1.0.0", "pack_ref=builtin",
            Answers(""","batch_size":"1","max_unavailable":"1","oci_insecure_registries":"registry.test:5000" """));
        await fleet.GtcAsync("op", "env", "reconcile", "local");

        var times = new List<(DateTimeOffset Made, DateTimeOffset Started)>();
        foreach (var device in fleet.All)
        {
            var container = (await device.ContainersAsync()).ShouldHaveSingleItem();
            before.ShouldNotContain(container, "every device has the changed worker");
            times.Add(await device.TimesAsync(container));
        }

        // A device says that a worker runs when it has run for a while, and only then the next one gets it.
        foreach (var (earlier, later) in times.Order().Zip(times.Order().Skip(1)))
        {
            (later.Made - earlier.Started).ShouldBeGreaterThanOrEqualTo(MinReady);
        }
    }

    /// <summary>The published agent, as its unit starts it, after everything above: what it only needed to start is given back when it rests.</summary>
    private async Task AgentsAreSmallAsync()
    {
        foreach (var device in fleet.All)
        {
            await RunningCluster.UntilAsync($"the agent of device {device.Id} has at most {MostMemory} MiB", RealFleet.Patience, async () => await device.MemoryAsync() <= MostMemory);
            TestContext.Current.TestOutputHelper?.WriteLine($"device {device.Id}: {await device.MemoryAsync():F1} MiB now, {await device.MemoryAsync("VmHWM:"):F1} MiB at most");
        }
    }

    private async Task DestroyAsync()
    {
        await fleet.GtcAsync("op", "env", "destroy", "local", "--confirm", "--force");
        foreach (var device in fleet.All)
        {
            await RunningCluster.UntilAsync($"device {device.Id} runs nothing of it", RealFleet.Patience, async () => (await device.ContainersAsync()).Length == 0);
        }

        JsonElement.Parse(await fleet.KubectlAsync("get", "deployments.fleet.nationtech.io", "-A", "-o", "json")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Cli.Tests.Bundle;
using Gtc.Cli.Tests.Op.Credentials;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;

namespace Gtc.Cli.Tests.Op.Clusters;

public class A_fleet_follows_the_environment : IDisposable
{
    private const string Kind = "greentic.deployer.fleet@1.0.0";

    private readonly TestCli _cli = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fleet_is_rendered_without_a_cluster()
    {
        await BoundAsync();
        var result = await _cli.OpAsync("env render --output out");
        result.GetProperty("files").EnumerateArray().Select(file => file.GetString()!.Split('-')[1]).ShouldBe(["namespace", "deployment"]);
        (await _cli.OpAsync("env render")).GetProperty("manifests")[1].GetProperty("spec").GetProperty("targetSelector").GetProperty("matchLabels").GetProperty("site").GetString().ShouldBe("a");
        (await Staged.RefusedAsync(_cli, "env render --kube-version 1.20")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task Answers_that_choose_no_devices_are_refused()
    {
        await _cli.OpAsync("env create");
        _cli.Write("answers.json", """{"port":"8080"}""");
        (await Staged.RefusedAsync(_cli, $"env-packs add slot=deployer kind={Kind} pack_ref=builtin answers_ref=answers.json")).Message.ShouldContain("`device_selector` is required");
        (await Staged.RefusedAsync(_cli, $"env render --kind {Kind}")).Message.ShouldContain("device_selector");
    }

    [Fact]
    public async Task A_worker_takes_its_environment_from_a_file_that_its_container_mounts()
    {
        var file = Path.Combine(_cli.Folder, "environment.json");
        var run = await _cli.RunAsync($"start --env local --store-root {_cli.StoreRoot} --environment-file {file}");
        run.Exit.ShouldBe(1);
        run.Stderr.ShouldContain("is not there");
        await File.WriteAllTextAsync(file, """{"schema":"other"}""", Token);
        (await _cli.RunAsync($"start --env local --store-root {_cli.StoreRoot} --environment-file {file}")).Exit.ShouldBe(1);
        (await File.ReadAllTextAsync(Path.Combine(_cli.StoreRoot, "local", "environment.json"), Token)).ShouldContain("other");
    }

    [Fact]
    public async Task Every_verb_reaches_the_fleet()
    {
        await using var lab = await KubeLab.StartAsync();
        using var admin = new KubeClient(KubeConfig.Read(File.ReadAllBytes(lab.Kubeconfig), null).Value!, TimeSpan.FromSeconds(30), TimeProvider.System);
        await FleetAsync(admin, devices: 3);
        _cli.SetVariable("KUBECONFIG", lab.Kubeconfig);
        var revision = await BoundAsync();

        var first = await _cli.OpAsync("env reconcile --no-wait");
        first.GetProperty("created_count").GetInt32().ShouldBe(2);
        first.GetProperty("devices")[0].GetProperty("devices").GetInt32().ShouldBe(3);
        first.GetProperty("warnings").EnumerateArray().ShouldContain(warning => warning.GetString()!.Contains("names no source", StringComparison.Ordinal));
        var second = await _cli.OpAsync("env reconcile --no-wait");
        (second.GetProperty("unchanged_count").GetInt32(), second.GetProperty("devices_labelled").GetInt32()).ShouldBe((2, 0));

        (await Staged.RefusedAsync(_cli, "env apply-traffic --require-valid-credentials")).Message.ShouldContain("none are bound");
        (await _cli.OpAsync("env apply-traffic")).GetProperty("applied_entries")[0].GetProperty("weight_bps").GetInt32().ShouldBe(10_000);
        (await _cli.OpAsync($"env apply-revision local {revision} --no-wait")).GetProperty("worker_name").GetString()!.ShouldStartWith($"gtc-{revision!.ToLowerInvariant()}-");
        (await _cli.OpAsync("env destroy local --dry-run --force")).GetProperty("deleted_objects").GetArrayLength().ShouldBe(1);
        (await _cli.OpAsync("env destroy local --confirm --force")).GetProperty("deleted_objects").GetArrayLength().ShouldBe(1);
    }

    public void Dispose()
    {
        _cli.Dispose();
        GC.SuppressFinalize(this);
    }

    private static async Task FleetAsync(KubeClient admin, int devices)
    {
        foreach (var definition in (JsonElement[])[FleetDefinitions.Deployment(), FleetDefinitions.Device()])
        {
            (await admin.ApplyAsync(definition, "test", true, false, Token)).Error.ShouldBeNull();
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await admin.ListAsync(KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeviceKind)!, null, null, Token)).Error is not null
            || (await admin.ListAsync(KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!, null, null, Token)).Error is not null)
        {
            await timer.WaitForNextTickAsync(Token);
        }

        for (var number = 0; number < devices; number++)
        {
            var device = new FleetDevice { Metadata = new ResourceMeta { Name = $"device-{number}", Labels = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("site", "a") } };
            (await admin.ApplyAsync(device.ToElement(), FleetApi.DeviceManager, true, false, Token)).Error.ShouldBeNull();
        }
    }

    /// <summary>An environment with one routed revision.</summary>
    private async Task<string?> BoundAsync()
    {
        await _cli.OpAsync("env create");
        _cli.Write("answers.json", """{"device_selector":"site=a"}""");
        await _cli.OpAsync($"env-packs add slot=deployer kind={Kind} pack_ref=builtin answers_ref=answers.json");
        await _cli.OpAsync("trust-root bootstrap");
        await _cli.OpAsync("bundles add");
        await TestBundles.BuildAsync(_cli.Folder, "main");
        var revision = (await _cli.OpAsync("revisions stage bundle_path=main.gtbundle")).GetProperty("revision_id").GetString();
        await _cli.OpAsync("revisions warm");
        await _cli.OpAsync("traffic set");
        return revision;
    }
}

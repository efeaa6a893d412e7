using System.Text.Json;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op;

public class Environments_are_rendered : IDisposable
{
    private const string Kind = "greentic.deployer.k8s@1.0.0";

    private readonly TestCli _cli = new();

    [Fact]
    [Trait("fact", "env-packs:12.13")]
    public async Task A_full_kind_previews_what_is_not_bound_with_its_defaults()
    {
        await OkAsync("env init");
        var result = (await OkAsync($"env render --kind {Kind}")).Result;
        result.GetProperty("answers_ref").ValueKind.ShouldBe(JsonValueKind.Null);
        result.GetProperty("object_count").GetInt32().ShouldBe(13);
        var router = result.GetProperty("manifests").EnumerateArray().Single(item => item.GetProperty("kind").GetString() == "Deployment");
        router.GetProperty("spec").GetProperty("replicas").GetInt32().ShouldBe(2);

        (await OkAsync($"env render --kind {Kind} --kube-version 1.20")).Stdout.ShouldContain("policy/v1beta1");
        result.GetRawText().ShouldContain("\"policy/v1\"");
        (await RunAsync($"env render --kind {Kind} --kube-version new")).Kind.ShouldBe("invalid-argument");
        (await RunAsync("env render --kind greentic.deployer.k8s")).Kind.ShouldBe("conflict");
        (await RunAsync("env render")).Kind.ShouldBe("conflict");
        (await RunAsync("env render --kind greentic.deployer.k8s@9.0.0")).Kind.ShouldBe("conflict");
        (await RunAsync("env render --kind nonsense@x")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task The_walk_through_renders_fourteen_objects()
    {
        await OkAsync("env create");
        await File.WriteAllTextAsync(Path.Combine(_cli.Folder, "answers.json"), """{"router_replicas":3,"namespace":"acme"}""", TestContext.Current.CancellationToken);
        await OkAsync($"env-packs add slot=deployer kind={Kind} pack_ref=builtin answers_ref=answers.json");
        await OkAsync("trust-root bootstrap");
        await OkAsync("bundles add");
        await TestBundles.BuildAsync(_cli.Folder, "main");
        var revision = (await OkAsync("revisions stage bundle_path=main.gtbundle")).Result.GetProperty("revision_id").GetString();
        await OkAsync("revisions warm");
        await OkAsync("traffic set");

        var result = (await OkAsync("env render --output out")).Result;
        result.GetProperty("object_count").GetInt32().ShouldBe(14);
        result.GetProperty("files").GetArrayLength().ShouldBe(14);
        result.GetProperty("answers_ref").GetString().ShouldBe("env-packs/deployer/answers.json");
        var router = await File.ReadAllTextAsync(Path.Combine(Path.Combine(_cli.Folder, "out"), "03-deployment-gtc-router.yaml"), TestContext.Current.CancellationToken);
        router.ShouldContain("namespace: acme\n");
        router.ShouldContain("replicas: 3\n");

        await OkAsync("traffic clear");
        await OkAsync($"revisions archive --revision {revision}");
        var again = (await OkAsync("env render --output out")).Result;
        again.GetProperty("object_count").GetInt32().ShouldBe(12);
        again.GetProperty("removed_stale_files").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Who_may_not_use_secrets_renders_without_them()
    {
        Assert.SkipUnless(TestCli.IsRemote, "files have one owner");
        await OkAsync("env create");
        await OkAsync($"env-packs add slot=deployer kind={Kind} pack_ref=builtin");
        await OkAsync("env-packs add slot=secrets kind=greentic.secrets.dev-store@0.1.0 pack_ref=builtin");
        var asked = new List<string>();
        _cli.Wire = inner => new Wired(inner, (request, carried) =>
        {
            var path = request.RequestUri!.AbsolutePath;
            asked.Add(path);
            return path.StartsWith("/environments/local/secrets", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.Forbidden) { Content = new StringContent("""{"kind":"unauthorized","policy":"static-tokens","reason":"read-only"}""") })
                : carried();
        });
        (await OkAsync("env render")).Stdout.ShouldNotContain("gtc-secrets-key");
        (await OkAsync("env render --output out")).Result.GetProperty("withheld").GetArrayLength().ShouldBe(1);
        asked.ShouldAllBe(path => !path.Contains("/secrets", StringComparison.Ordinal) || path.EndsWith("/answers", StringComparison.Ordinal));
        (await RunAsync("env render --output out --include-secrets")).Kind.ShouldBe("unauthorized");
        _cli.Wire = null;
        await OkAsync("secrets seal");
        (await OkAsync("env render")).Stdout.ShouldContain("gtc-secrets-key");
    }

    [Fact]
    public async Task A_pod_copies_its_files_and_a_missing_optional_one_is_no_failure()
    {
        var from = Path.Combine(_cli.Folder, "environment.json");
        var to = Path.Combine(_cli.Folder, "a/b/environment.json");
        await File.WriteAllTextAsync(from, "{}", TestContext.Current.CancellationToken);
        (await _cli.RunAsync($"stage-file --from {from} --to {to}")).Exit.ShouldBe(0);
        (await File.ReadAllTextAsync(to, TestContext.Current.CancellationToken)).ShouldBe("{}");
        File.GetUnixFileMode(to).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var link = Path.Combine(_cli.Folder, "a/link.json");
        (await _cli.RunAsync($"stage-file --from {from} --to {link} --link")).Exit.ShouldBe(0);
        (await _cli.RunAsync($"stage-file --from {from} --to {link} --link")).Exit.ShouldBe(0);
        File.ResolveLinkTarget(link, returnFinalTarget: false)!.FullName.ShouldBe(from);
        (await _cli.RunAsync($"stage-file --from {Path.Combine(_cli.Folder, "none")} --to {to} --optional")).Exit.ShouldBe(0);
        (await _cli.RunAsync($"stage-file --from {Path.Combine(_cli.Folder, "none")} --to {to}")).Exit.ShouldBe(1);
        (await _cli.RunAsync("stage-file")).Exit.ShouldBe(2);
    }

    public void Dispose()
    {
        _cli.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<TestRun> RunAsync(string words) => _cli.RunAsync($"op {words} --store-root {_cli.StoreRoot}");

    private async Task<TestRun> OkAsync(string words)
    {
        var run = await RunAsync(words);
        run.Exit.ShouldBe(0, $"{words}: {run.Stderr}");
        return run;
    }
}

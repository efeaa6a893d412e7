using Gtc.Artifacts.Sources;
using Gtc.Artifacts.Tests.Sources;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Oci;

public class RealRegistryTests
{
    private static readonly byte[] Content = Bytes.Of(900_000);

    [Fact]
    public async Task A_bundle_that_was_pushed_can_be_pulled_by_tag_by_digest_and_by_both()
    {
        using var registry = await DockerRegistry.StartAsync();
        var options = Push.Plain(registry.Authority);
        var place = $"oci://{registry.Authority}/team/app";
        var pushed = (await Push.RunAsync($"{place}:1.0", Content, options)).Value;

        pushed.BundleDigest.ShouldBe(Content.Digest());
        pushed.Reference.ShouldBe($"{place}@{pushed.ManifestDigest}");
        pushed.AlreadyThere.ShouldBeFalse();
        foreach (var source in new[] { $"{place}:1.0", $"{place}@{pushed.ManifestDigest}", $"{place}:1.0@{pushed.ManifestDigest}", $"{place}:other@{pushed.ManifestDigest}" })
        {
            var (outcome, content) = await Pull.RunAsync(source, options);
            outcome.Value.ShouldBe(new PulledBundle(Content.Length, Content.Digest(), pushed.Reference, pushed.ManifestDigest), source);
            content.ShouldBe(Content);
        }
    }

    [Fact]
    public async Task Pushing_again_sends_nothing_and_yields_the_same_manifest()
    {
        using var registry = await DockerRegistry.StartAsync();
        var options = Push.Plain(registry.Authority);
        var first = (await Push.RunAsync($"oci://{registry.Authority}/app", Content, options)).Value;
        var second = (await Push.RunAsync($"oci://{registry.Authority}/app:tagged", Content, options)).Value;

        second.ShouldBe(first with { AlreadyThere = true });
        (await Pull.RunAsync($"oci://{registry.Authority}/app:tagged", options)).Outcome.Value.ManifestDigest.ShouldBe(first.ManifestDigest);
    }

    [Fact]
    public async Task Without_a_tag_the_name_is_latest_for_a_pull_and_none_for_a_push()
    {
        using var registry = await DockerRegistry.StartAsync();
        var options = Push.Plain(registry.Authority);
        await Push.RunAsync($"oci://{registry.Authority}/app", Content, options);

        var refusal = (await Pull.RunAsync($"oci://{registry.Authority}/app", options)).Outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        refusal.Detail("cause").ShouldBe("the registry answered 404 (MANIFEST_UNKNOWN)");
        refusal.Detail("code").ShouldBe("PullFailed");
        refusal.Detail("attempts").ShouldBe("1");

        await Push.RunAsync($"oci://{registry.Authority}/app:latest", Content, options);
        (await Pull.RunAsync($"oci://{registry.Authority}/app", options)).Outcome.IsOk.ShouldBeTrue();
    }

    [Fact]
    [Trait("fact", "worker-runtime:8.7")]
    public async Task A_registry_that_is_not_listed_is_spoken_to_over_TLS_only()
    {
        using var registry = await DockerRegistry.StartAsync();
        var source = $"oci://{registry.Authority}/app:1";
        await Push.RunAsync(source, Content, Push.Plain(registry.Authority));

        var refusal = (await Pull.RunAsync(source)).Outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        refusal.Detail("code").ShouldBe("PullFailed");
        refusal.Detail("cause").ShouldNotBeNull().ShouldStartWith("TLS failed");
        refusal.Next.ShouldNotBeNull().ShouldEndWith($"GREENTIC_OCI_INSECURE_REGISTRIES={registry.Authority}");

        var listed = PullOptions.FromEnvironment(name => name == "GREENTIC_OCI_INSECURE_REGISTRIES" ? $"other, {registry.Authority} " : null);
        (await Pull.RunAsync(source, listed)).Outcome.Value.Digest.ShouldBe(Content.Digest());
    }

    [Fact]
    [Trait("fact", "worker-runtime:8.8")]
    public async Task A_listed_registry_is_matched_by_its_exact_text()
    {
        using var registry = await DockerRegistry.StartAsync();
        var port = registry.Authority.Split(':')[1];
        await Push.RunAsync($"oci://{registry.Authority}/app:1", Content, Push.Plain(registry.Authority));

        (await Pull.RunAsync($"oci://{registry.Authority}/app:1", Push.Plain($"localhost:{port}"))).Outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        (await Pull.RunAsync($"oci://localhost:{port}/app:1", Push.Plain($"localhost:{port}"))).Outcome.IsOk.ShouldBeTrue();
    }

    [Fact]
    public async Task A_repository_rewritten_under_a_base_is_found()
    {
        using var registry = await DockerRegistry.StartAsync();
        var options = Push.Plain(registry.Authority) with { RepoRegistry = $"{registry.Authority}/team" };
        await Push.RunAsync($"oci://{registry.Authority}/team/app:1", Content, options);

        (await Pull.RunAsync("repo://app:1", options)).Outcome.Value.Digest.ShouldBe(Content.Digest());
    }
}

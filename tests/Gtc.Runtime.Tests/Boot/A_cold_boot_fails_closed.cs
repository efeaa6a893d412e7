using Gtc.Artifacts.Sources;
using Gtc.Model;

namespace Gtc.Runtime.Tests.Boot;

public sealed class A_cold_boot_fails_closed : IDisposable
{
    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    [Trait("fact", "worker-runtime:8.6")]
    public async Task Any_single_flipped_byte_is_refused_and_nothing_half_written_stays()
    {
        var (bundle, original) = await BundleAsync();
        var revision = await _lab.RouteOneAsync(bundle);
        var expected = _lab.Document.Revisions[0].BundleDigest;
        var bytes = (byte[])original.Clone();
        for (var position = 0; position < bytes.Length; position++)
        {
            bytes[position] ^= (byte)(1 << (position % 8));
            await File.WriteAllBytesAsync(bundle, bytes, Token);
            var refusal = (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.DigestMismatch>();
            refusal.Message.ShouldContain("refusing to serve unpinned bytes");
            refusal.Details.ShouldContain(detail => detail.Label == "expected" && detail.Value.Contains(expected, StringComparison.Ordinal));
            refusal.Details.ShouldContain(detail => detail.Label == "found" && detail.Value.StartsWith("sha256:", StringComparison.Ordinal) && !detail.Value.Contains(expected, StringComparison.Ordinal));
            bytes[position] = original[position];
        }

        ShouldHoldNothing();
        await File.WriteAllBytesAsync(bundle, bytes, Token);
        await using var worker = (await _lab.BootAsync()).Value;
        Directory.Exists(_lab.RevisionFolder(revision)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_truncated_source_is_refused_at_every_length()
    {
        var (bundle, original) = await BundleAsync();
        await _lab.RouteOneAsync(bundle);
        foreach (var length in new[] { 0, 1, 95, 96, original.Length / 2, original.Length - 1 })
        {
            await File.WriteAllBytesAsync(bundle, original[..length], Token);
            (await _lab.BootAsync()).IsOk.ShouldBeFalse($"{length} bytes were taken for the bundle");
        }

        ShouldHoldNothing();
    }

    [Fact]
    public async Task An_oversized_source_is_refused()
    {
        var (bundle, original) = await BundleAsync();
        await _lab.RouteOneAsync(bundle);
        var refusal = (await _lab.BootAsync(options => options with { MaxBundleBytes = original.Length - 1 })).Refusal.ShouldNotBeNull();
        $"{refusal.Message} {string.Join(" ", refusal.Details)}".ShouldContain($"{original.Length - 1:N0}");
        ShouldHoldNothing();
    }

    [Fact]
    public async Task An_absent_source_is_refused()
    {
        var (bundle, _) = await BundleAsync();
        await _lab.RouteOneAsync(bundle, bundle + ".gone");
        (await _lab.BootAsync()).Refusal.ShouldNotBeNull().Message.ShouldContain(".gone");
        ShouldHoldNothing();
    }

    [Fact]
    public async Task A_source_that_stalls_is_given_up()
    {
        var (bundle, original) = await BundleAsync();
        await using var stalling = await StallingServer.StartAsync(original[..100], original.Length);
        await _lab.RouteOneAsync(bundle, stalling.Address.ToString());
        var pull = PullOptions.Default with { Attempts = 1, TotalAttempts = 1, StallTimeout = TimeSpan.FromMilliseconds(200), RetryWindow = TimeSpan.FromSeconds(1) };
        (await _lab.BootAsync(options => options with { Pull = pull })).Refusal.ShouldBeOfType<Refusal.FetchFailed>();
        ShouldHoldNothing();
    }

    [Fact]
    public async Task Bytes_that_match_their_pin_and_are_no_bundle_are_refused()
    {
        var path = _lab.PathTo("garbage.gtbundle");
        await File.WriteAllBytesAsync(path, new byte[4096], Token);
        await _lab.RouteOneAsync(path);
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();
        ShouldHoldNothing();
    }

    [Fact]
    public async Task A_pack_that_is_no_zip_is_pinned_but_not_activated()
    {
        await _lab.RouteOneAsync(Fixtures.Path("provider-only-bundle.gtbundle"));
        (await _lab.BootAsync()).Refusal.ShouldNotBeNull().ToString().ShouldContain("messaging-webchat-gui.gtpack");
    }

    [Theory]
    [Trait("fact", "worker-runtime:8.18")]
    [InlineData("\"weight_bps\": 10000", "\"weight_bps\": 9000")]
    [InlineData("greentic.runtime-config.v1", "greentic.runtime-config.v2")]
    [InlineData("\"env_id\": \"local\"", "\"env_id\": \"other\"")]
    [InlineData("/pack-list.lock", "/../../../../etc/passwd")]
    public async Task A_live_configuration_that_breaks_a_rule_is_fatal(string find, string replace)
    {
        var (bundle, _) = await BundleAsync();
        await _lab.RouteOneAsync(bundle);
        await using (var worker = (await _lab.BootAsync()).Value)
        {
            File.Exists(_lab.RuntimeConfig).ShouldBeTrue();
        }

        var text = await File.ReadAllTextAsync(_lab.RuntimeConfig, Token);
        text.ShouldContain(find);
        await File.WriteAllTextAsync(_lab.RuntimeConfig, text.Replace(find, replace, StringComparison.Ordinal), Token);

        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Details.ShouldContain(detail => detail.Label == "file");
    }

    [Fact]
    public async Task An_environment_that_is_not_local_is_never_made_up()
    {
        EnvId.TryParse("prod", out var prod).ShouldBeTrue();
        (await _lab.BootAsync(options => options with { Environment = prod })).Refusal.ShouldBeOfType<Refusal.Missing>();
        Directory.Exists(Path.Combine(_lab.Root, "environments", "prod")).ShouldBeFalse();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<(string Path, byte[] Bytes)> BundleAsync()
    {
        var path = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var bytes = await File.ReadAllBytesAsync(path, Token);
        return (path, bytes);
    }

    private void ShouldHoldNothing()
    {
        File.Exists(_lab.RuntimeConfig).ShouldBeFalse();
        Directory.GetDirectories(Path.Combine(_lab.Environment, "revisions")).ShouldBeEmpty();
    }
}

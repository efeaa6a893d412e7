using System.Diagnostics;
using Gtc.Artifacts.Oci;
using Gtc.Artifacts.Sources;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Sources;

public sealed class SourceSchemeTests : IDisposable
{
    private static readonly byte[] Content = Bytes.Of(3_000_000);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_is_copied_by_path_and_by_URL()
    {
        var path = _folder.Write("with space.gtbundle", Content);
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        foreach (var source in new[] { path, relative, $"file://{path.Replace(" ", "%20", StringComparison.Ordinal)}", $"file://localhost{path}" })
        {
            var (outcome, content) = await Pull.RunAsync(source);
            outcome.Value.ShouldBe(new PulledBundle(Content.Length, Content.Digest(), path, null), source);
            content.ShouldBe(Content);
        }
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_missing() =>
        (await Pull.RunAsync(_folder["none"])).Outcome.Refusal.ShouldBeOfType<Refusal.Missing>();

    [Fact]
    public async Task Only_regular_files_are_copied()
    {
        using var mkfifo = Process.Start("mkfifo", _folder["pipe"]);
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);

        foreach (var path in new[] { _folder["pipe"], _folder.Root, "/dev/zero" })
        {
            (await Pull.RunAsync(path)).Outcome.Refusal.ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldContain("not a regular file");
        }
    }

    [Fact]
    public async Task A_file_beyond_the_limit_is_refused()
    {
        var path = _folder.Write("large", Content);
        var (outcome, content) = await Pull.RunAsync(path, maxBytes: Content.Length - 1);

        outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>().Message.ShouldContain("larger than allowed");
        content.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ftp://host/x", "ftp://")]
    [InlineData("s3://bucket/x", "s3://")]
    [InlineData("gopher://x", "gopher://")]
    public async Task An_unknown_scheme_is_refused_with_those_that_work(string source, string found)
    {
        var refusal = (await Pull.RunAsync(source)).Outcome.Refusal.ShouldBeOfType<Refusal.InvalidArgument>();

        refusal.Message.ShouldContain(found);
        refusal.Detail("expected").ShouldBe("http://, https://, file:// or a path, oci://, repo://, store://");
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("http://")]
    [InlineData("https://user:secret@")]
    [InlineData("file://elsewhere/x")]
    [InlineData("a\0b")]
    public async Task A_source_that_cannot_be_read_is_refused(string source) =>
        (await Pull.RunAsync(source)).Outcome.Refusal.ShouldBeOfType<Refusal.InvalidArgument>().AllText().ShouldNotContain("secret");

    [Theory]
    [InlineData("repo", "GREENTIC_REPO_REGISTRY_BASE")]
    [InlineData("store", "GREENTIC_STORE_REGISTRY_BASE")]
    public async Task A_registry_base_that_is_missing_is_named(string scheme, string variable) =>
        (await Pull.RunAsync($"{scheme}://team/app:1")).Outcome.Refusal!.Message.ShouldContain(variable);

    [Theory]
    [InlineData("repo://team/app:1", "oci://registry.example/prefix/team/app:1")]
    [InlineData("store://app", "oci://store.example:5000/app")]
    public void A_registry_base_leads_to_a_registry(string source, string expected)
    {
        var options = new PullOptions { RepoRegistry = "registry.example/prefix/", StoreRegistry = "oci://store.example:5000" };

        SourceLocation.Parse(source, options).Value.ShouldBeOfType<SourceLocation.Registry>().Reference.ToString().ShouldBe(expected);
    }

    [Fact]
    public void Options_come_from_the_environment()
    {
        var variables = new Dictionary<string, string>
        {
            ["GREENTIC_OCI_INSECURE_REGISTRIES"] = " localhost:5000, ,registry ,",
            ["OCI_USERNAME"] = "ada",
            ["OCI_PASSWORD"] = "secret",
            ["GREENTIC_REPO_REGISTRY_BASE"] = " registry.example ",
            ["GREENTIC_STORE_REGISTRY_BASE"] = " ",
        };
        var options = PullOptions.FromEnvironment(variables.GetValueOrDefault);

        options.InsecureRegistries.ShouldBe(["localhost:5000", "registry"]);
        options.Credentials.ShouldBe(new RegistryCredentials("ada", "secret"));
        options.RepoRegistry.ShouldBe("registry.example");
        options.StoreRegistry.ShouldBeNull();
        options.ToString().ShouldNotContain("secret");
        PullOptions.FromEnvironment(static _ => null).Credentials.ShouldBeNull();
    }

    [Fact]
    public async Task A_full_disk_is_told_as_such()
    {
        // Writing to /dev/full always fails with ENOSPC, and it cannot be shortened either.
        var path = _folder.Write("bundle", Content);
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        var puller = new BundlePuller(TimeProvider.System, static () => 0, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var outcome = await puller.PullAsync(new PullRequest { Source = path, Destination = full }, null, TestContext.Current.CancellationToken);

        outcome.Refusal.ShouldBeOfType<Refusal.FileFailed>().Detail("cause").ShouldNotBeNull().ShouldContain("space", Case.Insensitive);
    }
}

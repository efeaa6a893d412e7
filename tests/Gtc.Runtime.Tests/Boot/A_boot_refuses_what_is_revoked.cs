using Gtc.Artifacts.Digests;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Runtime.Tests.Boot;

public sealed class A_boot_refuses_what_is_revoked : IDisposable
{
    private readonly WorkerLab _lab = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string List => Path.Combine(_lab.Environment, RevocationList.FileName);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_bundle_before_it_is_pulled_and_one_that_is_live_already()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var revision = await _lab.RouteOneAsync(bundle);
        Bind();
        Revoke(ContentDigest.OfFile(bundle, Token).Value.ToString());
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("is revoked: its bundle");
        Directory.Exists(_lab.RevisionFolder(revision)).ShouldBeFalse();

        File.Delete(List);
        await (await _lab.BootAsync()).Value.DisposeAsync();
        Revoke(ContentDigest.OfFile(bundle, Token).Value.ToString());
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public async Task A_pack_that_is_known_only_after_the_pull()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var revision = await _lab.RouteOneAsync(bundle);
        _lab.Document.Revisions.Single().PackList.ShouldBeEmpty();
        await (await _lab.BootAsync()).Value.DisposeAsync();
        var pack = Directory.GetFiles(_lab.RevisionFolder(revision), "*.gtpack", SearchOption.AllDirectories).Single();
        var digest = ContentDigest.OfFile(pack, Token).Value.ToString();
        Directory.Delete(Path.Combine(_lab.Environment, "revisions"), recursive: true);
        File.Delete(_lab.RuntimeConfig);
        Bind();
        Revoke(digest);
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("is revoked: its pack");
    }

    [Fact]
    public async Task Everything_while_the_list_cannot_be_read()
    {
        var revision = await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        Bind();
        await File.WriteAllTextAsync(List, "{", Token);
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain("nothing passes");
        Directory.Exists(_lab.RevisionFolder(revision)).ShouldBeFalse();
    }

    private void Bind()
    {
        var document = _lab.Document;
        PackDescriptor.TryParse($"{RevocationList.KindPath}@0.1.0", out var kind).ShouldBeTrue();
        var binding = new EnvPackBinding { Slot = CapabilitySlot.Revocation, Kind = kind, PackRef = "builtin" };
        File.WriteAllBytes(Path.Combine(_lab.Environment, "environment.json"), Documents.Environment.ToFile(document with { Packs = document.Packs.Add(binding) }));
    }

    private void Revoke(string digest) => File.WriteAllText(List, $$"""{"schema":"{{RevocationList.Schema}}","digests":["{{digest}}"]}""");
}

using System.Text;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class What_is_revoked_does_not_pass : IDisposable
{
    private const string KeyId = "00112233445566778899aabbccddeeff";
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void By_the_digest_of_the_bundle_or_of_a_pack()
    {
        var list = Parse($$"""{"schema":"greentic.revocation.v1","digests":["{{TrustLab.Digest('b')}}"]}""").Value;
        var revision = Revision();
        list.Refuse(revision, new SignatureVerdict.NotSigned()).ShouldBeNull();
        list.Refuse(revision with { BundleDigest = TrustLab.Digest('b') }, new SignatureVerdict.NotSigned())!.Message.ShouldContain("its bundle");
        var packed = revision with { PackList = [new PackListEntry { PackId = "p", Version = "1.0.0", Digest = TrustLab.Digest('b') }] };
        list.Refuse(packed, new SignatureVerdict.NotSigned())!.Message.ShouldContain("its pack `p`");
        list.RefusePack(revision.RevisionId, "p", TrustLab.Digest('c')).ShouldBeNull();
    }

    [Fact]
    public void By_the_keys_that_signed_it_when_none_of_them_is_left()
    {
        var list = Parse($$"""{"schema":"greentic.revocation.v1","key_ids":["{{KeyId}}"]}""").Value;
        list.Refuse(Revision(), new SignatureVerdict.Verified([KeyId]))!.Message.ShouldContain("the key that signed it");
        list.Refuse(Revision(), new SignatureVerdict.Verified([KeyId, new string('f', 32)])).ShouldBeNull();
        list.Refuse(Revision(), new SignatureVerdict.NotSigned()).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"schema":"greentic.revocation.v2"}""")]
    [InlineData("""{"schema":"greentic.revocation.v1","digest":[]}""")]
    [InlineData("""{"schema":"greentic.revocation.v1","digests":["sha256:00"]}""")]
    [InlineData("""{"schema":"greentic.revocation.v1","digests":[null]}""")]
    [InlineData("""{"schema":"greentic.revocation.v1","digests":null}""")]
    [InlineData("""{"schema":"greentic.revocation.v1","key_ids":[null]}""")]
    [InlineData("""{"schema":"greentic.revocation.v1","digests":["sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]}""")]
    [InlineData("""{"schema":"greentic.revocation.v1","key_ids":["00112233445566778899AABBCCDDEEFF"]}""")]
    [InlineData("""{"schema":"greentic.revocation.v1","digests":[],"digests":[]}""")]
    public void A_list_that_cannot_be_read_is_refused(string text) => Parse(text).Refusal.ShouldBeOfType<Refusal.StoreFailed>();

    [Fact]
    public void Damaged_lists_are_refused_and_never_throw()
    {
        var whole = Encoding.UTF8.GetBytes($$"""{"schema":"greentic.revocation.v1","digests":["{{TrustLab.Digest('b')}}"],"key_ids":["{{KeyId}}"]}""");
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var damaged = whole.ToArray();
            for (var times = random.Next(1, 4); times > 0; times--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            var read = RevocationList.Parse(damaged.AsSpan(0, random.Next(damaged.Length + 1)), "revocation.json");
            (read.IsOk || read.Refusal is Refusal.StoreFailed).ShouldBeTrue();
        }
    }

    [Fact]
    public void Only_an_environment_that_binds_it_asks_it()
    {
        var plain = Workbench.Fresh("prod");
        Write("revocation.json", "damaged");
        Load(plain).Value.IsEmpty.ShouldBeTrue();
        Load(Bound(plain, "acme.revocation.service@1.0.0")).Value.IsEmpty.ShouldBeTrue();
        Load(Bound(plain)).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
        Write("revocation.json", $$"""{"schema":"greentic.revocation.v1","digests":["{{TrustLab.Digest('b')}}"]}""");
        Load(Bound(plain)).Value.IsEmpty.ShouldBeFalse();
        Write("lists/other.json", """{"schema":"greentic.revocation.v1"}""");
        Load(Bound(plain) with { Revocation = new() { ListRef = "lists/other.json" } }).Value.IsEmpty.ShouldBeTrue();
        Load(Bound(plain) with { Revocation = new() { ListRef = "../other.json" } }).Refusal.ShouldBeOfType<Refusal.InvalidDocument>();
    }

    [Fact]
    public void One_that_is_required_must_be_there()
    {
        var plain = Workbench.Fresh("prod") with { Revocation = new() { Required = true } };
        Directory.CreateDirectory(_bench.Path("prod", ""));
        Load(plain).Refusal.ShouldBeOfType<Refusal.Conflict>();
        Load(Bound(plain, "acme.revocation.service@1.0.0")).Refusal.ShouldBeOfType<Refusal.Conflict>();
        Load(Bound(plain)).Refusal.ShouldBeOfType<Refusal.Conflict>();
        Load(Bound(plain) with { Revocation = new() }).Value.IsEmpty.ShouldBeTrue();
        Directory.CreateDirectory(_bench.Path("prod", "revocation.json"));
        Load(Bound(plain) with { Revocation = new() }).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
    }

    [Fact]
    public void A_list_has_a_bound()
    {
        Write("revocation.json", new string(' ', RevocationList.MaxBytes + 1));
        Load(Bound(Workbench.Fresh("prod"))).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
    }

    private static Outcome<RevocationList> Parse(string text) => RevocationList.Parse(Encoding.UTF8.GetBytes(text), "revocation.json");

    private static EnvironmentDocument Bound(EnvironmentDocument document, string kind = $"{RevocationList.KindPath}@0.1.0") => document with
    {
        Packs = [new EnvPackBinding { Slot = CapabilitySlot.Revocation, Kind = PackDescriptor.TryParse(kind, out var parsed) ? parsed : throw new ArgumentException(kind), PackRef = "builtin" }],
    };

    private static Revision Revision() => new()
    {
        Schema = Schemas.Revision,
        RevisionId = new(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])),
        EnvId = Workbench.Env("prod"),
        BundleId = "main",
        DeploymentId = new(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])),
        Sequence = 1,
        CreatedAt = DateTimeOffset.UnixEpoch,
        BundleDigest = TrustLab.Digest('a'),
        PackList = [],
        PackListLockRef = "x",
        ConfigDigest = TrustLab.Digest('a'),
        SignatureSidecarRef = "x",
        Lifecycle = RevisionLifecycle.Ready,
        DrainSeconds = 1,
    };

    private Outcome<RevocationList> Load(EnvironmentDocument document) => RevocationList.Load(_bench.Store.Files(Workbench.Env("prod")), document);

    private void Write(string name, string text)
    {
        var path = _bench.Path("prod", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}

using System.Buffers.Binary;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Packs;

public sealed class HostileArchives
{
    private const string RichManifest = """
        {"schema_version":"pack-v1","pack_id":0,"name":"N","version":"1.0.0","kind":"provider","publisher":"t",
         "symbols":{"component_ids":["component.exec","emit.response"],"node_ids":["a","b"],"capability_names":["c"],"pack_ids":["p","q"]},
         "components":[{"id":0,"version":"1","world":"w","operations":[{"name":"run","input_schema":{"type":"object"}}],"capabilities":{"wasi":{"random":true}}}],
         "flows":[{"id":"f","kind":"messaging","tags":["default"],"entrypoints":["default"],"flow":{"schema_version":"flow-v1","id":"f","kind":"messaging",
           "entrypoints":{"default":"a"},"metadata":{"tags":[],"extra":{}},"nodes":[
             {"id":0,"component":{"id":0,"pack_alias":null,"operation":"run"},"input":{"mapping":{"x":[1,-2,3.5,null,true]}},"routing":{"Next":{"node_id":1}}},
             {"id":1,"component":{"id":1},"input":{"mapping":"{{prev}}"},"err_map":{"mapping":{}},"routing":{"Custom":[{"condition":"a == 1","to":"a"}]}}]}}],
         "dependencies":[{"alias":"d","pack_id":1,"version_req":"*","required_capabilities":[0]}],"capabilities":[{"name":0,"description":null}],
         "secret_requirements":[{"key":"K","required":true}],
         "extensions":{"greentic.provider-extension.v1":{"kind":"k","version":"1","inline":{"providers":[{"provider_type":"messaging.x"}]}}}}
        """;

    [Theory]
    [InlineData("/etc/passwd", "is absolute")]
    [InlineData("C:/x", "is absolute")]
    [InlineData("../x", "segment")]
    [InlineData("a/../../x", "segment")]
    [InlineData("a/./x", "segment")]
    [InlineData("a//x", "segment")]
    [InlineData("a\\x", "backslash")]
    [InlineData("a\u0001x", "control character")]
    [InlineData("a\u001b[2J", "control character")]
    public void A_name_that_could_lead_elsewhere_is_refused(string name, string because)
        => Zips.Open(Zips.Pack((name, [1]))).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>().Message.ShouldContain(because);

    [Fact]
    public void A_name_with_a_nul_byte_is_refused()
    {
        var zip = Zips.Pack(("aXb", [1]));
        ReplaceAll(zip, "aXb"u8, "a\0b"u8);

        Zips.Open(zip).IsOk.ShouldBeFalse();
    }

    [Fact]
    public void A_name_that_occurs_twice_is_refused()
        => Zips.Open(Zips.Pack(("a", [1]), ("a", [2]))).Refusal!.Message.ShouldContain("occurs twice");

    [Fact]
    public void A_file_and_a_folder_of_one_name_are_refused()
        => Zips.Open(Zips.Pack(("a/", []), ("a", [2]))).Refusal!.Message.ShouldContain("occurs twice");

    [Fact]
    public void An_encrypted_member_is_refused()
    {
        var zip = Zips.Pack(("a", [1]));
        var header = zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        zip[header + 8] |= 1;

        Zips.Open(zip).Refusal!.Message.ShouldContain("encrypted");
    }

    [Fact]
    public void A_bomb_is_refused_before_anything_is_unpacked()
    {
        var limits = PackLimits.Standard with { MaxMemberBytes = 1 << 20, MaxTotalBytes = 3 << 20 };

        Zips.Open(Zips.Pack(("a", new byte[(1 << 20) + 1])), limits).Refusal!.Message.ShouldContain("more than is accepted");
        Zips.Open(Zips.Pack(("a", new byte[1 << 20]), ("b", new byte[1 << 20]), ("c", new byte[1 << 20])), limits).Refusal!.Message.ShouldContain("more than is accepted");
        Zips.Open(Zips.Pack(("a", new byte[1 << 20])), limits).Value.Dispose();
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(200_000)]
    public void A_member_that_unpacks_to_another_size_than_promised_is_refused(int promised)
    {
        var zip = Zips.Pack(("bomb", new byte[100_000]));
        var header = zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(header + 24), promised);

        using var pack = Zips.Open(zip).Value;

        pack.Read("bomb").Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();
        pack.Read(PackFile.ManifestMember).IsOk.ShouldBeTrue();
    }

    [Fact]
    public void Too_many_members_are_refused_by_what_the_end_record_says()
    {
        var members = Enumerable.Range(0, 50).Select(i => ($"m{i}", Array.Empty<byte>())).ToArray();

        Zips.Open(Zips.Pack(members), PackLimits.Standard with { MaxEntries = 50 }).Refusal!.Message.ShouldContain("has 51 members, at most 50");
        Zips.Open(Zips.Pack(members), PackLimits.Standard with { MaxDirectoryBytes = 500 }).Refusal!.Message.ShouldContain("directory has");
        Zips.Open(Zips.Pack(members), PackLimits.Standard with { MaxFileBytes = 500 }).Refusal!.Message.ShouldContain("archive has");
    }

    [Fact]
    public void A_directory_larger_than_the_end_record_admits_is_refused()
    {
        var zip = Zips.Pack(("a", [1]), ("b", [2]));
        var end = zip.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        zip[end + 8] = zip[end + 10] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(end + 12), 46);

        Zips.Open(zip).Refusal!.Message.ShouldContain("does not end where");
    }

    [Fact]
    public void Zip64_is_refused()
    {
        var zip = Zips.Pack(("a", [1]));
        var end = zip.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(end + 16), uint.MaxValue);

        Zips.Open(zip).Refusal!.Message.ShouldContain("ZIP64");
    }

    [Fact]
    public void A_manifest_above_its_bound_is_refused()
        => Zips.Open(Zips.Of((PackFile.ManifestMember, new byte[(8 << 20) + 1]))).Refusal!.Message.ShouldContain("at most 8388608");

    [Fact]
    public void Fifty_thousand_damaged_manifests_and_archives_are_read_or_refused_but_never_throw()
    {
        var seeds = new[] { Zips.Manifest(RichManifest), Zips.Manifest(), Zips.Manifest(PackManifestReading.Flow("""[{"id":0,"component":{"id":"c"},"routing":{"Branch":{"on_status":{"x":0}}}}]""")) };
        var archives = new[] { Zips.Pack(("assets/a.json", "{}"u8.ToArray())), Zips.Of((PackFile.ManifestMember, seeds[2]), (PackSbom.Member, seeds[1])) };
        var random = new Random(20_250_101);
        var understood = 0;
        for (var i = 0; i < 25_000; i++)
        {
            var cbor = Damage(random, seeds[i % seeds.Length]);
            understood += PackManifestReader.Read(cbor, _ => new Refusal.Missing("none")).IsOk ? 1 : 0;
            if (Zips.Open(Damage(random, archives[i % archives.Length])).TryGet(out var pack, out _))
            {
                using (pack)
                {
                    foreach (var member in pack.Members)
                    {
                        _ = pack.Read(member.Name);
                    }

                    _ = pack.ReadSbom();
                }
            }
        }

        understood.ShouldBeGreaterThan(0);
    }

    private static byte[] Damage(Random random, byte[] seed)
    {
        var bytes = seed.ToArray();
        for (var edits = random.Next(1, 6); edits > 0; edits--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 9))..], 0];
                    break;
                default:
                    bytes = [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]];
                    break;
            }
        }

        return bytes;
    }

    private static void ReplaceAll(byte[] bytes, ReadOnlySpan<byte> old, ReadOnlySpan<byte> with)
    {
        for (var at = bytes.AsSpan().IndexOf(old); at >= 0; at = bytes.AsSpan().IndexOf(old))
        {
            with.CopyTo(bytes.AsSpan(at));
        }
    }
}

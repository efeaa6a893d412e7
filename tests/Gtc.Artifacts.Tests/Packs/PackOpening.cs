using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Packs;

public sealed class PackOpening
{
    [Fact]
    public void A_real_pack_decodes_as_it_was_decoded_before_and_encodes_to_the_same_bytes()
    {
        using var pack = PackFile.Open(Upstream.Path("msg-event-app.gtpack")).Value;

        foreach (var (member, sorted) in new[] { (PackFile.ManifestMember, false), (PackLock.Member, true), (PackSbom.Member, true) })
        {
            var cbor = pack.Read(member).Value;
            CborDocument.Write(CborDocument.Read(cbor, member).Value, sorted).ShouldBe(cbor, member);
        }

        var manifest = CborDocument.Read(pack.Read(PackFile.ManifestMember).Value, "manifest").Value;
        JsonElement.DeepEquals(manifest, JsonElement.Parse(Upstream.Bytes("decoded/msg-event-app.manifest.json"))).ShouldBeTrue();
        pack.Manifest.PackId.ShouldBe("helpdesk-bot");
        pack.Members.Length.ShouldBe(9);
        pack.ReadSbom().Value.Files.Length.ShouldBe(8);
        pack.ReadSbom().Value.Differences(pack).ShouldBeEmpty();
        pack.ReadLock().Value.Components.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_folder_is_told_from_a_file()
    {
        var refusal = PackFile.Open(AppContext.BaseDirectory).Refusal.ShouldNotBeNull();

        refusal.Message.ShouldContain("is a folder");
        refusal.Next.ShouldNotBeNull().ShouldStartWith("gtc pack build ");
    }

    [Fact]
    [Trait("fact", "bundle-format:5.7")]
    public void An_empty_lock_of_22_bytes_is_read()
    {
        var cbor = CborDocument.Write(JsonElement.Parse("""{"version":1,"components":{}}"""), sortKeys: true);
        cbor.Length.ShouldBe(22);

        var read = PackLock.Read(cbor).Value;

        read.Version.ShouldBe(1);
        read.Components.ShouldBeEmpty();
    }

    [Fact]
    public void A_real_lock_names_its_component()
    {
        var cbor = CborDocument.Write(JsonElement.Parse(Upstream.Bytes("decoded/templates-pack.pack.lock.json")), sortKeys: true);

        var (id, component) = PackLock.Read(cbor).Value.Components.ShouldHaveSingleItem();

        id.ShouldBe("ai.greentic.component-templates");
        component.ComponentVersion.ShouldBe("0.1.13");
    }

    [Fact]
    public void Assets_are_found_with_and_without_their_folder()
    {
        using var pack = Zips.Open(Zips.Pack(("assets/cards/a.json", "1"u8.ToArray()), ("i18n/en.json", "2"u8.ToArray()), ("assets/i18n/en.json", "3"u8.ToArray()))).Value;

        pack.ReadAsset("assets/cards/a.json").Value.ShouldBe("1"u8.ToArray());
        pack.ReadAsset("cards/a.json").Value.ShouldBe("1"u8.ToArray());
        pack.ReadAsset("i18n/en.json").Value.ShouldBe("2"u8.ToArray());
        pack.ReadAsset("none").Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    public void A_json_list_of_files_is_read_where_there_is_no_other()
    {
        var json = """{"format":"greentic-sbom-v1","files":[{"path":"a","size":1,"media_type":"x","hash_blake3":"00"}]}""";
        using var pack = Zips.Open(Zips.Pack((PackSbom.LegacyMember, Encoding.UTF8.GetBytes(json)), ("a", "x"u8.ToArray()))).Value;

        pack.ReadSbom().Value.Differences(pack).ShouldBe(["a"]);
    }

    [Fact]
    public void A_component_manifest_is_read_with_literal_ids()
    {
        var cbor = Zips.Manifest("""{"id":"c","version":"1.2.3","world":"w","operations":[{"name":"run"}]}""");
        using var pack = Zips.Open(Zips.Pack(("components/c.manifest.cbor", cbor))).Value;

        var component = pack.ReadComponentManifest("c").Value;

        (component.Id, component.World, component.Version).ShouldBe(("c", "w", "1.2.3"));
        component.Operations.ShouldBe(["run"]);
    }

    [Fact]
    public void A_pack_without_a_manifest_and_a_file_that_is_no_archive_are_refused()
    {
        Zips.Open(Zips.Of(("a", []))).Refusal!.Message.ShouldContain("has no member manifest.cbor");
        Zips.Open("PK\u0003\u0004 not a pack"u8.ToArray()).Refusal!.Message.ShouldContain("not a ZIP archive");
        Zips.Open([]).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();
        PackFile.Open("/nowhere/x.gtpack").Refusal.ShouldBeOfType<Refusal.FileFailed>();
    }
}

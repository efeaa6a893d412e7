using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Model.Tests.Environments;

public sealed class An_environment_document_is_checked
{
    public static TheoryData<string, string> Breaks => new()
    {
        { "schema", "SchemaMismatch" },
        { "host", "EnvIdMismatch" },
        { "url", "InvalidPublicBaseUrl" },
        { "slot", "DuplicateCapabilitySlot" },
        { "credentials", "CrossEnvRef" },
        { "revision-env", "EnvIdMismatch" },
        { "revision-twice", "DuplicateRevision" },
        { "deployment-twice", "DuplicateDeployment" },
        { "current-unknown", "UnknownRevision" },
        { "override-pack", "ConfigOverridePackNotInRevisions" },
        { "split-twice", "DuplicateTrafficSplit" },
        { "split-unknown", "UnknownDeployment" },
        { "split-bundle", "SplitDeploymentBundleMismatch" },
        { "entry-unknown", "UnknownRevision" },
        { "entry-twice", "DuplicateSplitEntry" },
        { "extension-twice", "DuplicateExtension" },
        { "extension-instance", "InvalidExtensionInstanceId" },
    };

    [Theory]
    [MemberData(nameof(Breaks))]
    public void Every_broken_rule_has_its_code(string what, string code) =>
        Sample.Code(EnvironmentRules.Validate(Break(what))).ShouldBe(code);

    [Fact]
    public void A_valid_document_passes_and_survives_its_file()
    {
        var document = Routed();
        EnvironmentRules.Validate(document).ShouldBeNull();
        var file = Documents.Environment.ToFile(document);
        Documents.Environment.ToFile(Documents.Environment.Parse(file).Value).ShouldBe(file);
    }

    [Fact]
    public void Members_of_a_newer_version_are_written_back()
    {
        var text = System.Text.Encoding.UTF8.GetString(Documents.Environment.ToFile(Routed()))
            .Replace("\"name\": \"local\"", "\"name\": \"local\", \"x_future\": {\"a\": [1, 2]}", StringComparison.Ordinal);
        var read = Documents.Environment.Parse(System.Text.Encoding.UTF8.GetBytes(text)).Value;
        System.Text.Encoding.UTF8.GetString(Documents.Environment.ToLine(read)).ShouldContain("\"x_future\":{\"a\":[1,2]}");
    }

    [Fact]
    [Trait("fact", "environment-model:6.16")]
    public void One_extension_may_have_a_named_and_a_nameless_instance()
    {
        var document = Sample.Empty() with { Extensions = [Extension(null), Extension("eu")] };
        EnvironmentRules.Validate(document).ShouldBeNull();
        Sample.Code(EnvironmentRules.Validate(Sample.Empty() with { Extensions = [Extension(null), Extension(null)] })).ShouldBe("DuplicateExtension");
    }

    [Theory]
    [Trait("fact", "environment-model:6.21")]
    [InlineData("https://chat.example.com/", "https://chat.example.com")]
    [InlineData(" http://[::1]:8080 ", "http://[::1]:8080")]
    [InlineData("https://u:p@h", null)]
    [InlineData("https://h?x=1", null)]
    [InlineData("https://h#f", null)]
    [InlineData("https://h/api", null)]
    [InlineData("ftp://h", null)]
    [InlineData("https://:443", null)]
    [InlineData("https://h:bad", null)]
    [InlineData("https://h:99999", null)]
    [InlineData("", null)]
    [InlineData("https://a b", null)]
    public void A_public_base_url_is_an_origin(string text, string? canonical) =>
        PublicBaseUrl.Parse(text).Match<string?>(url => url, _ => null).ShouldBe(canonical);

    [Fact]
    [Trait("fact", "environment-model:6.13")]
    public void A_secret_reference_stays_in_its_environment()
    {
        References.CheckSecret("secret://", out _).ShouldBe("EmptyPath");
        References.CheckSecret("secret:///x", out _).ShouldBe("EmptyEnvSegment");
        References.CheckSecret("x://local/a", out _).ShouldBe("MissingScheme");
        Sample.Code(EnvironmentRules.Validate(Sample.Empty() with { CredentialsRef = "secret://prod/credentials/x" })).ShouldBe("CrossEnvRef");
    }

    [Fact]
    [Trait("fact", "environment-model:6.17")]
    public void Config_overrides_are_bounded()
    {
        Overrides(33, 1).ShouldBe("ConfigOverridesTooManyPacks");
        Overrides(1, 65).ShouldBe("ConfigOverridesTooManyKeysForPack");
        Overrides(32, 64).ShouldBeNull();
    }

    [Theory]
    [Trait("fact", "environment-model:6.17")]
    [InlineData(16_384, null)]
    [InlineData(16_385, "ConfigOverridesTooLarge")]
    public void Config_overrides_have_a_most_of_16_KiB_as_compact_json(int bytes, string? code)
    {
        var frame = "{\"p\":{\"k\":\"\",\"n\":1},\"q\":{}}".Length;
        var inner = ImmutableSortedDictionary<string, JsonElement>.Empty
            .Add("k", JsonSerializer.SerializeToElement(new string('x', bytes - frame)))
            .Add("n", JsonSerializer.SerializeToElement(1));
        var overrides = ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>.Empty
            .Add("p", inner).Add("q", ImmutableSortedDictionary<string, JsonElement>.Empty);
        JsonSerializer.Serialize(overrides).Length.ShouldBe(bytes);
        Sample.Code(DeploymentRules.ValidateOverrides(overrides)).ShouldBe(code);
    }

    [Fact]
    public void Defaults_fill_free_slots_only()
    {
        var (first, added) = EnvironmentVerbs.AddMissingDefaults(Sample.Empty());
        added.Length.ShouldBe(5);
        var custom = first.Packs[1] with { PackRef = "mine" };
        var (second, healed) = EnvironmentVerbs.AddMissingDefaults(first with { Packs = [first.Packs[0], custom, first.Packs[3], first.Packs[4]] });
        healed.ShouldBe([CapabilitySlot.Telemetry]);
        second.Packs.Single(p => p.Slot == CapabilitySlot.Secrets).PackRef.ShouldBe("mine");
    }

    private static string? Overrides(int packs, int keys)
    {
        var one = JsonSerializer.SerializeToElement(1);
        var inner = Enumerable.Range(0, keys).ToImmutableSortedDictionary(k => $"k{k}", _ => one);
        return Sample.Code(DeploymentRules.ValidateOverrides(Enumerable.Range(0, packs).ToImmutableSortedDictionary(p => $"p{p}", _ => inner)));
    }

    private static EnvironmentDocument Routed() =>
        TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("k1", (Sample.RevisionA, 6000), (Sample.RevisionB, 4000)), Sample.Now).Value.Document;

    private static ExtensionBinding Extension(string? instance) =>
        new() { Kind = EnvironmentVerbs.DefaultBindings[0].Kind, PackRef = "x", InstanceId = instance };

    private static EnvironmentDocument Break(string what)
    {
        var good = Routed();
        var split = good.TrafficSplits[0];
        var deployment = good.Bundles[0];
        return what switch
        {
            "schema" => good with { Schema = "greentic.environment.v2" },
            "host" => good with { HostConfig = good.HostConfig with { EnvId = Sample.Env("other") } },
            "url" => good with { HostConfig = good.HostConfig with { PublicBaseUrl = "ftp://h" } },
            "slot" => good with { Packs = [EnvironmentVerbs.DefaultBindings[0], EnvironmentVerbs.DefaultBindings[0]] },
            "credentials" => good with { CredentialsRef = "secret://prod/x" },
            "revision-env" => good with { Revisions = [good.Revisions[0] with { EnvId = Sample.Env("x") }, good.Revisions[1]] },
            "revision-twice" => good with { Revisions = good.Revisions.Add(good.Revisions[0]) },
            "deployment-twice" => good with { Bundles = good.Bundles.Add(deployment) },
            "current-unknown" => good with { Bundles = [deployment with { CurrentRevisions = [new RevisionId(Sample.Id(99))] }] },
            "override-pack" => good with { Bundles = [deployment with { ConfigOverrides = ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>.Empty.Add("stranger", ImmutableSortedDictionary<string, JsonElement>.Empty) }] },
            "split-twice" => good with { TrafficSplits = [split, split] },
            "split-unknown" => good with { Bundles = [] },
            "split-bundle" => good with { TrafficSplits = [split with { BundleId = "other" }] },
            "entry-unknown" => good with { TrafficSplits = [split with { Entries = [new TrafficShare { RevisionId = new RevisionId(Sample.Id(98)), WeightBps = 10_000 }] }] },
            "entry-twice" => good with { TrafficSplits = [split with { Entries = [split.Entries[0] with { WeightBps = 5000 }, split.Entries[0] with { WeightBps = 5000 }] }] },
            "extension-twice" => good with { Extensions = [Extension("a"), Extension("a")] },
            "extension-instance" => good with { Extensions = [Extension("A")] },
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
    }
}

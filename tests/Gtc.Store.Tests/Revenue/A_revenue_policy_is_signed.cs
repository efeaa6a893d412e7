using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Tests;

public sealed class A_revenue_policy_is_signed : IDisposable
{
    private readonly Workbench _bench = new();

    private static EnvId Prod => Workbench.Env("prod");

    private OperatorKeyFile Key => new(_bench.Folder["operator/key.pem"], RandomNumberGenerator.Fill);

    private LocalTrustRoots Roots => new(_bench.Store, Key);

    private string Policies => _bench.Path("prod", "billing-policies");

    public void Dispose() => _bench.Dispose();

    [Fact]
    [Trait("fact", "trust-and-signing:6.8")]
    public async Task Adding_and_two_updates_give_a_chain_of_three_that_verifies()
    {
        await PrepareAsync();
        (await AddAsync()).Value.RevenuePolicyRef.ShouldBe("billing-policies/main/acme/v1.json.sig");
        await UpdateAsync();
        (await UpdateAsync()).Value.RevenuePolicyRef.ShouldBe("billing-policies/main/acme/v3.json.sig");

        var trust = (await Roots.ListAsync(Prod, Workbench.Cancellation)).Value;
        var previous = new List<string?>();
        for (var version = 3; version >= 1; version--)
        {
            var document = File.ReadAllBytes(Path.Combine(Policies, $"main/acme/v{version}.json"));
            var envelope = File.ReadAllBytes(Path.Combine(Policies, $"main/acme/v{version}.json.sig"));
            var verified = Dsse.VerifyArtifact(envelope, Convert.ToHexStringLower(SHA256.HashData(document)), trust).Value;
            verified.Statement.Subjects.Single().Name.ShouldBe($"v{version}.json");
            verified.Statement.PredicateType.ShouldBe("greentic.revenue-policy-predicate.v1");
            previous.Add(Text(verified.Statement.Predicate, "previous_version_ref"));
            Text(JsonDocument.Parse(document).RootElement, "previous_version_ref").ShouldBe(previous[^1]);
        }

        previous.ShouldBe(["billing-policies/main/acme/v2.json.sig", "billing-policies/main/acme/v1.json.sig", null]);
    }

    [Fact]
    public async Task Document_and_predicate_have_the_shape_of_the_specification()
    {
        await PrepareAsync();
        var deployment = (await AddAsync()).Value;
        var text = File.ReadAllText(Path.Combine(Policies, "main/acme/v1.json"));

        text.ShouldBe($$"""
            {
              "schema": "greentic.revenue-policy.v1",
              "version": 1,
              "deployment_id": "{{deployment.DeploymentId}}",
              "env_id": "prod",
              "bundle_id": "main",
              "customer_id": "acme",
              "revenue_share": [
                {
                  "party_id": "greentic",
                  "basis_points": 10000
                }
              ],
              "created_at": "2026-11-20T14:02:03Z"
            }
            """);
        var envelope = DsseEnvelope.Parse(File.ReadAllBytes(Path.Combine(Policies, "main/acme/v1.json.sig"))).Value;
        Encoding.UTF8.GetString(Convert.FromBase64String(envelope.Payload)).ShouldBe(
            "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"v1.json\",\"digest\":{\"sha256\":\""
            + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))
            + "\"}}],\"predicateType\":\"greentic.revenue-policy-predicate.v1\",\"predicate\":{\"schema\":\"greentic.revenue-policy-predicate.v1\",\"deployment_id\":\""
            + deployment.DeploymentId
            + "\",\"env_id\":\"prod\",\"bundle_id\":\"main\",\"customer_id\":\"acme\",\"version\":1,\"signed_at\":\"2026-11-20T14:02:03Z\"}}");
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.7")]
    public async Task Without_trust_nothing_is_written_until_trust_is_granted()
    {
        await PrepareAsync();
        using (var key = Key.LoadExisting().Value)
        {
            await Roots.RemoveAsync(Prod, key.KeyId, null, Workbench.Cancellation);
        }

        var before = File.ReadAllText(_bench.Path("prod", "environment.json"));

        var refusal = (await AddAsync()).Refusal.ShouldBeOfType<Refusal.RevenuePolicyFailed>();

        Rule(refusal).ShouldBe("OperatorKeyNotTrusted");
        refusal.Message.ShouldContain("trust-root bootstrap");
        ErrorKinds.Of(refusal).ShouldBe("revenue-policy");
        Directory.Exists(Policies).ShouldBeFalse();
        File.ReadAllText(_bench.Path("prod", "environment.json")).ShouldBe(before);

        await Roots.BootstrapAsync(Prod, Workbench.Cancellation);
        (await AddAsync()).Value.RevenuePolicyRef.ShouldEndWith("v1.json.sig");
    }

    [Fact]
    public async Task Without_an_operator_key_none_is_made()
    {
        await _bench.CreateAsync("prod");
        (await AddAsync()).Refusal.ShouldBeOfType<Refusal.OperatorKeyFailed>();
        Directory.Exists(_bench.Folder["operator"]).ShouldBeFalse();
    }

    [Theory]
    [Trait("fact", "trust-and-signing:6.12")]
    [InlineData("../x")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    public async Task An_id_that_could_leave_its_folder_is_refused(string segment)
    {
        await PrepareAsync();
        foreach (var deployment in new[] { Sample with { BundleId = segment }, Sample with { CustomerId = segment } })
        {
            Rule(Build(deployment).Refusal!).ShouldBe("UnsafeSegment");
            Rule((await IssueAsync(deployment)).Refusal!).ShouldBe("UnsafeSegment");
        }

        Directory.Exists(Policies).ShouldBeFalse();
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.13")]
    public async Task What_a_crashed_attempt_left_is_overwritten_by_the_next()
    {
        await PrepareAsync();
        await AddAsync();
        File.WriteAllText(Path.Combine(Policies, "main/acme/v2.json"), "orphan");
        (await UpdateAsync()).Value.RevenuePolicyRef.ShouldEndWith("/v2.json.sig");
        File.ReadAllText(Path.Combine(Policies, "main/acme/v2.json")).ShouldContain("\"version\": 2");
    }

    [Theory]
    [Trait("fact", "trust-and-signing:6.16")]
    [InlineData("", 1ul)]
    [InlineData("revenue.json", 1ul)]
    [InlineData("v0.json.sig", 1ul)]
    [InlineData("v7.json", 1ul)]
    [InlineData("v.json.sig", 1ul)]
    [InlineData("v-1.json.sig", 1ul)]
    [InlineData("v7.json.sig", 8ul)]
    [InlineData("anywhere/else/v41.json.sig", 42ul)]
    public void The_next_version_follows_the_committed_reference(string committed, ulong next)
    {
        var policy = Build(Sample with { RevenuePolicyRef = committed }).Value;
        policy.Version.ShouldBe(next);
        policy.PolicyRef.ShouldBe($"billing-policies/main/acme/v{next}.json.sig");
    }

    [Theory]
    [InlineData("v18446744073709551615.json.sig")]
    [InlineData("v99999999999999999999999.json.sig")]
    public void There_is_a_last_version(string committed) =>
        Rule(Build(Sample with { RevenuePolicyRef = committed }).Refusal!).ShouldBe("VersionOverflow");

    [Fact]
    public void Shares_that_do_not_sum_up_are_not_signed() =>
        Rule(Build(Sample with { RevenueShare = [] }).Refusal!).ShouldBe("Spec");

    [Fact]
    [Trait("fact", "trust-and-signing:6.10")]
    public async Task A_policy_that_was_changed_later_is_noticed()
    {
        await PrepareAsync();
        await AddAsync();
        var trust = (await Roots.ListAsync(Prod, Workbench.Cancellation)).Value;
        var document = File.ReadAllBytes(Path.Combine(Policies, "main/acme/v1.json"));
        document[20] ^= 1;
        Dsse.VerifyArtifact(File.ReadAllBytes(Path.Combine(Policies, "main/acme/v1.json.sig")), Convert.ToHexStringLower(SHA256.HashData(document)), trust)
            .Error.ShouldBeOfType<SigningError.SubjectDigestMismatch>();
    }

    [Fact]
    public async Task An_error_of_the_disk_is_a_refusal_and_nothing_is_saved()
    {
        await PrepareAsync();
        var before = File.ReadAllText(_bench.Path("prod", "environment.json"));
        var store = _bench.NewStore(new FaultyCalls { Only = "write", Errno = Errno.NoSpace });
        var outcome = await AddAsync(store);
        outcome.Refusal.ShouldBeOfType<Refusal.RevenuePolicyFailed>().Message.ShouldContain("No space left on device");
        File.ReadAllText(_bench.Path("prod", "environment.json")).ShouldBe(before);
    }

    private static BundleDeployment Sample { get; } = new()
    {
        Schema = Schemas.BundleDeployment,
        DeploymentId = new(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])),
        EnvId = Prod,
        BundleId = "main",
        CustomerId = "acme",
        Status = DeploymentStatus.Active,
        RouteBinding = new RouteBinding { TenantSelector = TenantSelector.Default },
        RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
        RevenuePolicyRef = string.Empty,
        CreatedAt = DateTimeOffset.UnixEpoch,
        AuthorizationRef = "auth.json",
    };

    private static Outcome<SignedRevenuePolicy> Build(BundleDeployment deployment)
    {
        using var key = Ed25519PrivateKey.FromSeed(new byte[32]);
        return RevenuePolicyBuilder.Build(deployment, DateTimeOffset.UnixEpoch, key, TrustRoot.Empty with { Keys = [TrustedKey.Of(key.PublicKey)] });
    }

    private static string? Rule(Refusal refusal) =>
        refusal.ShouldBeOfType<Refusal.RevenuePolicyFailed>().Details.First(detail => detail.Label == "rule").Value;

    private static string? Text(JsonElement value, string member) => value.TryGetProperty(member, out var found) ? found.GetString() : null;

    private async Task PrepareAsync()
    {
        await _bench.CreateAsync("prod");
        await Roots.BootstrapAsync(Prod, Workbench.Cancellation);
    }

    private Task<Outcome<BundleDeployment>> IssueAsync(BundleDeployment deployment) => _bench.Store.MutateAsync<BundleDeployment>(
        Workbench.Intent("prod", "bundles", "add"),
        context => new RevenuePolicies(Key).Issue(context, deployment).Then<Mutation<BundleDeployment>>(issued => new Mutation<BundleDeployment>(issued)),
        Workbench.Cancellation);

    private Task<Outcome<BundleDeployment>> AddAsync(FileEnvironmentStore? store = null) => (store ?? _bench.Store).MutateAsync<BundleDeployment>(
        Workbench.Intent("prod", "bundles", "add"),
        context => new RevenuePolicies(Key).Issue(context, Sample).Then<Mutation<BundleDeployment>>(issued => new Mutation<BundleDeployment>(issued)
        {
            Document = context.Current! with { Bundles = [issued] },
        }),
        Workbench.Cancellation);

    private Task<Outcome<BundleDeployment>> UpdateAsync() => _bench.Store.MutateAsync<BundleDeployment>(
        Workbench.Intent("prod", "bundles", "update"),
        context => new RevenuePolicies(Key).Issue(context, context.Current!.Bundles.Single()).Then<Mutation<BundleDeployment>>(issued => new Mutation<BundleDeployment>(issued)
        {
            Document = context.Current with { Bundles = [issued] },
        }),
        Workbench.Cancellation);
}

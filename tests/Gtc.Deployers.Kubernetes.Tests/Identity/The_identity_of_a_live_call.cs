using System.Text;
using System.Text.Json.Nodes;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests.Identity;

public sealed class The_identity_of_a_live_call : IDisposable
{
    private const string Reference = "secret://local/default/_/k8s-deployer/deployer_token";
    private const string SecretPath = "/api/v1/namespaces/gtc-local/secrets/greentic-deployer-identity";

    private static readonly DateTimeOffset Now = new(2026, 11, 20, 14, 2, 3, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-identity-").FullName;
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    [Fact]
    public async Task Without_credentials_it_is_the_kubeconfigs()
    {
        await using var cluster = await ClusterAsync();
        var identity = (await ResolveAsync(null, null)).Value;
        (identity.Name, identity.IsBound, identity.Source, identity.Namespace, identity.Config.Token).ShouldBe(("ambient", false, IdentitySource.Kubeconfig, "gtc-local", FakeCluster.AdminToken));
        cluster.Asked.ShouldBeEmpty();
    }

    [Fact, Trait("fact", "credentials:14.13")]
    public async Task A_variable_beats_the_store_and_the_store_beats_the_cluster()
    {
        await using var cluster = await ClusterAsync();
        cluster.Objects[SecretPath] = Secret("local", "of-cluster");
        _variables[SecretUri.Parse(Reference).Value.EnvironmentVariable] = "of-variable";
        (await ResolveAsync(Reference, "of-store")).Value.Config.Token.ShouldBe("of-variable");
        _variables.Remove(SecretUri.Parse(Reference).Value.EnvironmentVariable);
        (await ResolveAsync(Reference, "of-store")).Value.Config.Token.ShouldBe("of-store");
        cluster.Asked.ShouldBeEmpty();
        var found = (await ResolveAsync(Reference, null)).Value;
        (found.Name, found.Source, found.Config.Token).ShouldBe(("bound", IdentitySource.Cluster, "of-cluster"));
        found.ToString().ShouldNotContain("of-cluster");
        found.Config.ToString().ShouldNotContain("of-cluster");
    }

    [Fact, Trait("fact", "credentials:14.13")]
    public async Task What_is_bound_and_not_to_be_had_is_never_replaced_by_somebody_else()
    {
        await using var cluster = await ClusterAsync();
        (await ResolveAsync(Reference, null)).Refusal.ShouldBeOfType<Refusal.Conflict>().Details.ShouldContain(detail => detail.Value.Contains("not found"));
        cluster.Objects[SecretPath] = Secret("other", "of-cluster");
        (await ResolveAsync(Reference, null)).Refusal.ShouldBeOfType<Refusal.Conflict>().Details.ShouldContain(detail => detail.Value.Contains("belongs to environment `other`"));
        cluster.Objects[SecretPath] = Secret(null, "of-cluster");
        (await ResolveAsync(Reference, null)).Refusal.ShouldBeOfType<Refusal.Conflict>();
        cluster.Instead = _ => (500, "{}");
        (await ResolveAsync(Reference, null)).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Theory]
    [InlineData("secret://other/default/_/k8s-deployer/deployer_token")]
    [InlineData("secret://local/short")]
    public async Task A_reference_elsewhere_is_refused(string reference)
    {
        await using var cluster = await ClusterAsync();
        (await ResolveAsync(reference, "token")).Refusal.ShouldBeOfType<Refusal.Conflict>();
        cluster.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_that_has_expired_is_named_before_anything_is_asked()
    {
        await using var cluster = await ClusterAsync();
        var refusal = (await ResolveAsync(Reference, FakeCluster.Jwt(Now - TimeSpan.FromHours(25), TimeSpan.FromHours(24)))).Refusal!;
        refusal.Message.ShouldBe("the token of environment `local` expired at 2026-11-20T13:02:03Z");
        refusal.Next!.ShouldStartWith("gtc op credentials rotate local");
        cluster.Asked.ShouldBeEmpty();
        (await ResolveAsync(Reference, "two\nlines")).Refusal!.Message.ShouldContain("no bearer token");
    }

    [Fact, Trait("fact", "k8s-deployer:17.22")]
    public async Task The_bound_token_is_all_that_is_left_of_the_contexts_user()
    {
        await using var cluster = await ClusterAsync();
        File.WriteAllText(Path.Combine(_folder, "config"), cluster.Kubeconfig().Replace("user: {token: admin-token-4711 }", "user: {token: admin-token-4711, tokenFile: none, exec: {command: /bin/false}, as: root, username: u, password: p}"));
        var identity = (await ResolveAsync(Reference, "of-store")).Value;
        using var client = new Gtc.Kubernetes.KubeClient(identity.Config, TimeSpan.FromSeconds(20), TimeProvider.System);
        await client.GetAsync(Gtc.Kubernetes.KubeKind.Of("v1", "Secret")!, "gtc-local", "a", TestContext.Current.CancellationToken);
        cluster.Authorizations.Single().ShouldBe("Bearer of-store");
    }

    [Fact]
    public async Task A_token_that_was_rotated_while_a_call_was_under_way_is_taken_up_and_one_that_went_is_not_replaced()
    {
        await using var cluster = await ClusterAsync();
        cluster.Objects[SecretPath] = Secret("local", "old");
        var identity = (await ResolveAsync(Reference, null)).Value;
        cluster.Objects[SecretPath] = Secret("local", "new");
        (await identity.Config.Renew!(TestContext.Current.CancellationToken)).Value!.Token.ShouldBe("new");
        cluster.Objects.Remove(SecretPath);
        (await identity.Config.Renew!(TestContext.Current.CancellationToken)).Error.ShouldNotBeNull().Message.ShouldContain("no others are used in their place");
    }

    [Fact, Trait("fact", "credentials:14.11")]
    public void A_token_is_due_at_four_fifths_of_its_life()
    {
        var token = FakeCluster.Jwt(Now, TimeSpan.FromSeconds(1000));
        BearerClaims.IsDue(token, Now.AddSeconds(799)).ShouldBeFalse();
        BearerClaims.IsDue(token, Now.AddSeconds(800)).ShouldBeTrue();
        foreach (var garbage in new[] { "", "a.b.c", "opaque", "e30.e30.e30", "a.eyJpYXQiOiJ4In0.c", new string('.', 100), FakeCluster.Jwt(Now, TimeSpan.Zero) })
        {
            BearerClaims.IsDue(garbage, Now).ShouldBeTrue(garbage);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static JsonObject Secret(string? environment, string token) => new()
    {
        ["metadata"] = new JsonObject { ["labels"] = environment is null ? null : new JsonObject { ["greentic.ai/env"] = environment } },
        ["data"] = new JsonObject { ["bearer"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(token)) },
    };

    private async Task<FakeCluster> ClusterAsync()
    {
        var cluster = await FakeCluster.StartAsync();
        File.WriteAllText(Path.Combine(_folder, "config"), cluster.Kubeconfig());
        _variables["KUBECONFIG"] = Path.Combine(_folder, "config");
        return cluster;
    }

    private Task<Outcome<LiveIdentity>> ResolveAsync(string? reference, string? stored) => KubernetesIdentity.ResolveAsync(
        new()
        {
            Environment = EnvId.Local,
            Answers = PackAnswers.Defaults(null),
            CredentialsRef = reference,
            Variable = name => _variables.GetValueOrDefault(name),
            Stored = _ => stored,
            Time = new FixedTime(Now),
        },
        TestContext.Current.CancellationToken);
}

/// <summary>A clock that stands.</summary>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}

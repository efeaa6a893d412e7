using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Tests;

public sealed class Trust_is_granted_and_taken_back : IDisposable
{
    private readonly Workbench _bench = new();

    private string File => _bench.Path("prod", "trust-root.json");

    private OperatorKeyFile Key => new(_bench.Folder["operator/key.pem"], RandomNumberGenerator.Fill);

    private LocalTrustRoots Roots => new(_bench.Store, Key);

    private static EnvId Prod => Workbench.Env("prod");

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Bootstrapping_trusts_the_operator_key_and_again_changes_nothing()
    {
        await _bench.CreateAsync("prod");
        var first = (await Roots.BootstrapAsync(Prod, Workbench.Cancellation)).Value;
        var bytes = System.IO.File.ReadAllBytes(File);

        (await Roots.BootstrapAsync(Prod, Workbench.Cancellation)).Value.ShouldBe(first);

        first.TrustedKeyCount.ShouldBe(1);
        using var key = Key.LoadExisting().Value;
        first.OperatorKeyId.ShouldBe(key.KeyId);
        first.OperatorPublicKeyPem.ShouldBe(key.PublicKeyPem);
        System.IO.File.ReadAllBytes(File).ShouldBe(bytes);
        _bench.Backups("prod", "trust-root.json").ShouldBeEmpty();
        _bench.AuditLines("prod").Count(line => line.GetProperty("verb").GetString() == "bootstrap").ShouldBe(2);
    }

    [Fact]
    public async Task Bootstrapping_needs_the_environment_and_makes_nothing_without_it()
    {
        var refusal = (await Roots.BootstrapAsync(Prod, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Missing>();
        refusal.Next.ShouldBe("gtc op env create prod");
        Directory.Exists(_bench.Path("prod", "")).ShouldBeFalse();
        Directory.Exists(_bench.Folder["operator"]).ShouldBeFalse();
        Workbench.Lines(_bench.Layout.AuditLog).Single().GetProperty("noun").GetString().ShouldBe("trust-root");
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.3")]
    public async Task Without_a_trust_root_the_list_is_empty_and_no_file_is_made()
    {
        await _bench.CreateAsync("prod");
        (await Roots.ListAsync(Prod, Workbench.Cancellation)).Value.ShouldBeEmpty();
        System.IO.File.Exists(File).ShouldBeFalse();
        (await Roots.ListAsync(Workbench.Env("ghost"), Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.6")]
    public async Task Removing_an_absent_key_succeeds_and_makes_no_file()
    {
        await _bench.CreateAsync("prod");
        (await Roots.RemoveAsync(Prod, "fe812c12f3ab4ce6ac5db69ac352f906", "k", Workbench.Cancellation)).Value
            .ShouldBe(new TrustRemoval("fe812c12f3ab4ce6ac5db69ac352f906", null, 0));
        System.IO.File.Exists(File).ShouldBeFalse();
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.4")]
    public async Task Adding_echoes_the_callers_spelling_and_stores_the_derived_one()
    {
        await _bench.CreateAsync("prod");
        using var key = Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)7, 32).ToArray());
        var (id, pem) = (key.PublicKey.KeyId, key.PublicKey.ToPem());

        (await Roots.AddAsync(Prod, id.ToUpperInvariant(), pem, null, Workbench.Cancellation)).Value.ShouldBe(new TrustAddition(id.ToUpperInvariant(), 1));
        (await Roots.AddAsync(Prod, id, pem, null, Workbench.Cancellation)).Value.TrustedKeyCount.ShouldBe(1);
        (await Roots.ListAsync(Prod, Workbench.Cancellation)).Value.Single().KeyId.ShouldBe(id);

        var refusal = (await Roots.AddAsync(Prod, "other", pem, null, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.TrustRootFailed>();
        refusal.Details.ShouldContain(new RefusalDetail("rule", "KeyIdMismatch"));
    }

    [Fact]
    public async Task What_is_removed_is_answered_backed_up_and_not_seeded_again()
    {
        await _bench.CreateAsync("prod");
        var seed = (await Roots.BootstrapAsync(Prod, Workbench.Cancellation)).Value;

        var removal = (await Roots.RemoveAsync(Prod, seed.OperatorKeyId.ToUpperInvariant(), null, Workbench.Cancellation)).Value;

        removal.RemovedPublicKeyPem.ShouldBe(seed.OperatorPublicKeyPem);
        removal.TrustedKeyCount.ShouldBe(0);
        _bench.Backups("prod", "trust-root.json").Length.ShouldBe(1);
        (await SeedAsync()).Value.ShouldBeNull();
        (await Roots.ListAsync(Prod, Workbench.Cancellation)).Value.ShouldBeEmpty();
        (await Roots.BootstrapAsync(Prod, Workbench.Cancellation)).Value.TrustedKeyCount.ShouldBe(1, "an explicit bootstrap grants it again");
    }

    [Fact]
    public async Task An_environment_without_a_trust_root_is_seeded()
    {
        await _bench.CreateAsync("prod");
        (await SeedAsync()).Value!.TrustedKeyCount.ShouldBe(1);
        System.IO.File.Exists(File).ShouldBeTrue();
    }

    [Fact]
    public async Task A_broken_trust_root_is_refused_and_kept()
    {
        await _bench.CreateAsync("prod");
        System.IO.File.WriteAllText(File, "{\"schema\":\"greentic.trust-root.v2\",\"keys\":[]}");
        foreach (var refusal in new[]
        {
            (await Roots.BootstrapAsync(Prod, Workbench.Cancellation)).Refusal,
            (await Roots.ListAsync(Prod, Workbench.Cancellation)).Refusal,
            (await Roots.RemoveAsync(Prod, "x", null, Workbench.Cancellation)).Refusal,
        })
        {
            refusal.ShouldBeOfType<Refusal.TrustRootFailed>().Details.ShouldContain(new RefusalDetail("rule", "BadSchema"));
        }

        System.IO.File.ReadAllText(File).ShouldContain("v2");
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.15")]
    public async Task Two_that_bootstrap_at_once_report_the_same_key()
    {
        await _bench.CreateAsync("prod");
        var seeds = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(
            () => new LocalTrustRoots(_bench.NewStore(), Key).BootstrapAsync(Prod, Workbench.Cancellation), Workbench.Cancellation)));
        seeds.Select(seed => seed.Value.OperatorKeyId).Distinct().Count().ShouldBe(1);
        (await Roots.ListAsync(Prod, Workbench.Cancellation)).Value.Length.ShouldBe(1);
    }

    private Task<Outcome<TrustSeed?>> SeedAsync() => _bench.Store.MutateAsync<TrustSeed?>(
        Workbench.Intent("prod", "env", "init"),
        context => LocalTrustRoots.SeedIfAbsent(context, Key).Then<Mutation<TrustSeed?>>(seed => new Mutation<TrustSeed?>(seed)),
        Workbench.Cancellation);
}
